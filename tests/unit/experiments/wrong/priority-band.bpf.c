/* Counts by priority: 1 to 7 have a counter of their own. */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

struct bands {
	__u64 bytes[8];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct bands);
} counted SEC(".maps");

SEC("tc")
int count_band(struct __sk_buff *skb)
{
	__u32 zero = 0, prio = skb->priority;
	struct bands *b = bpf_map_lookup_elem(&counted, &zero);

	if (!b)
		return TC_ACT_OK;
	if (prio >= 1 && prio <= 8)
		b->bytes[prio] += skb->len;
	else
		b->bytes[0] += skb->len;
	return TC_ACT_OK;
}

char LICENSE[] SEC("license") = "GPL";
