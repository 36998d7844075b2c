#include "shared.h"

NOINLINE int weigh(struct flow *flow, int more)
{
	if (!flow)
		return 1;
	if (flow->state > 5 && more)
		flow->packets++;
	return flow->state;
}

NOINLINE struct flow *find(__u32 key)
{
	return bpf_map_lookup_elem(&flows, &key);
}

/* The same function meets a value that may be NULL and one that can't be. */
SEC("xdp")
int twice(struct xdp_md *ctx)
{
	struct flow *flow = find(ctx->ingress_ifindex);
	int sum = weigh(flow, 0);

	if (flow) {
		sum += weigh(flow, 1);
		if (sum & 4)
			sum += weigh(flow, ctx->rx_queue_index);
	}
	flow = find(sum);
	if (sum > 3)
		return flow->state;
	return weigh(flow, 2);
}
