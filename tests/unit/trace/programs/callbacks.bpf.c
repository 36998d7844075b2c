#include "shared.h"

struct tally {
	struct flow *flow;
	__u32 odd;
	__u32 even;
};

static long count(__u32 index, void *data)
{
	struct tally *tally = data;

	if (index & 1) {
		tally->odd++;
	} else {
		tally->even++;
		if (tally->even > 20)
			return 1;
	}
	return 0;
}

static long visit(struct bpf_map *map, const void *key, struct flow *flow, struct tally *tally)
{
	if (flow->state == 3)
		tally->odd += flow->history[2];
	return 0;
}

/* Two callbacks, then a value is used without asking whether it is there. */
SEC("tc")
int callbacks(struct __sk_buff *skb)
{
	struct tally tally = {};
	__u32 key = skb->mark;

	bpf_loop(skb->len, count, &tally, 0);
	bpf_for_each_map_elem(&flows, visit, &tally, 0);
	if (tally.odd > tally.even) {
		struct flow *flow = bpf_map_lookup_elem(&flows, &key);

		if (tally.odd & 1)
			return flow->state;
	}
	return 0;
}
