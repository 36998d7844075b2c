#include "shared.h"

struct timed {
	struct bpf_timer timer;
	__u32 ticks;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, struct timed);
} timers SEC(".maps");

static int ring(void *map, __u32 *key, struct timed *timed)
{
	struct flow *flow = bpf_map_lookup_elem(&flows, key);

	if (timed->ticks & 1)
		timed->ticks++;
	if (timed->ticks > 9)
		timed->ticks = flow->state;
	return 0;
}

/* What goes wrong stands in a function that runs later. */
SEC("tc")
int later(struct __sk_buff *skb)
{
	__u32 key = skb->mark & 1;
	struct timed *timed = bpf_map_lookup_elem(&timers, &key);

	if (!timed)
		return 0;
	if (skb->len > 100)
		timed->ticks = 0;
	bpf_timer_init(&timed->timer, &timers, 1);
	bpf_timer_set_callback(&timed->timer, ring);
	if (timed->ticks == 4)
		return 1;
	return bpf_timer_start(&timed->timer, 1000, 0);
}
