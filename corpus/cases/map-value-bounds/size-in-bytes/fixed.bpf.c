#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

struct sizes {
	__u64 total;
	__u32 counts[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct sizes);
} sizes SEC(".maps");

SEC("tc")
int count(struct __sk_buff *skb)
{
	__u32 key = 0, slot = skb->mark;
	struct sizes *found;

	if (slot >= 16)
		return 0;
	found = bpf_map_lookup_elem(&sizes, &key);
	if (!found)
		return 0;
	found->counts[slot]++;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
