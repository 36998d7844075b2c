/* The index is a quotient. */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

struct rates {
	__u64 seen[100];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct rates);
} counted SEC(".maps");

SEC("tc")
int count_rate(struct __sk_buff *skb)
{
	__u32 zero = 0, slot;
	struct rates *r = bpf_map_lookup_elem(&counted, &zero);

	if (!r)
		return TC_ACT_OK;
	slot = skb->hash % 100;
	r->seen[slot]++;
	return TC_ACT_OK;
}

char LICENSE[] SEC("license") = "GPL";
