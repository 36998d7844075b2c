#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

/* one map with 70 counters */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 80);
	__type(key, __u32);
	__type(value, __u64);
} counters SEC(".maps");

SEC("tc")
int count(struct __sk_buff *skb)
{
	__u32 which = skb->mark;
	__u64 *value = bpf_map_lookup_elem(&counters, &which);

	if (value)
		*value += 1;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
