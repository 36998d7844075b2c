#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} busy SEC(".maps");

SEC("tc")
int take(struct __sk_buff *skb)
{
	__u32 zero = 0;
	volatile __u64 *taken = bpf_map_lookup_elem(&busy, &zero);

	if (!taken)
		return 0;
	while (*taken) /* expect: infinite-loop */ /* cause: nothing here changes it */
		;
	*taken = 1;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
