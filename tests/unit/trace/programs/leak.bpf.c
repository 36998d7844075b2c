#include "shared.h"

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

/* One way out forgets the record. */
SEC("tc")
int leak(struct __sk_buff *skb)
{
	struct flow *flow, *record;
	__u32 key = skb->mark;

	record = bpf_ringbuf_reserve(&events, sizeof(*record), 0);
	if (!record)
		return 0;
	record->state = skb->len;
	flow = bpf_map_lookup_elem(&flows, &key);
	if (!flow) {
		bpf_ringbuf_discard(record, 0);
		return 0;
	}
	if (flow->state > 3)
		record->packets = flow->packets;
	else if (flow->state == 2)
		return 1;
	bpf_ringbuf_submit(record, 0);
	return 0;
}
