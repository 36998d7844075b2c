#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 4);
	__uint(key_size, 4);
	__uint(value_size, 4);
} stages SEC(".maps");

SEC("tc")
int dispatch(struct __sk_buff *skb)
{
	__u32 key = 0;

	if (bpf_map_lookup_elem(&stages, &key)) /* expect: map-type-for-helper */ /* cause: programs cannot be looked up */
		return 1;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
