/* Queues 4 to 11 have counters of their own; the others share one. */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

struct queues {
	__u64 other;
	__u64 own[12];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct queues);
} counted SEC(".maps");

SEC("tc")
int count_queue(struct __sk_buff *skb)
{
	__u32 zero = 0, queue = skb->queue_mapping;
	struct queues *q = bpf_map_lookup_elem(&counted, &zero);

	if (!q)
		return TC_ACT_OK;
	if (queue >= 4 && queue < 12)
		q->own[queue]++;
	else
		q->other++;
	return TC_ACT_OK;
}

char LICENSE[] SEC("license") = "GPL";
