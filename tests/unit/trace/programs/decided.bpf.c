#include "shared.h"

NOINLINE __u32 pick(__u32 which, __u32 len)
{
	if (which == 1)
		return len << 1;
	if (which == 2)
		return len + 1;
	return len > 70 ? 70 : len;
}

/* Branches that can go one way only; without CAP_PERFMON the other one is walked as speculative execution. */
SEC("tc")
int decided(struct __sk_buff *skb)
{
	struct flow *flow;
	__u32 key = pick(3, skb->len), at = pick(1, skb->mark);

	flow = bpf_map_lookup_elem(&flows, &key);
	if (!flow)
		return 0;
	if (key > 4)
		at = pick(2, key);
	return flow->history[at & 15];
}
