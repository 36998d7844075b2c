#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64[16]);
} sizes SEC(".maps");

SEC("tc")
int count(struct __sk_buff *skb)
{
	__u32 key = 0, slot = skb->mark;
	__u64 *counts;

	if (slot >= 16)
		return 0;
	counts = bpf_map_lookup_elem(&sizes, &key);
	if (!counts)
		return 0;
	counts[slot]++;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
