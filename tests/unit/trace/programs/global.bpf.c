#include "shared.h"

/* Checked on its own, for any arguments. */
__attribute__((noinline)) int fine(struct flow *flow, int round)
{
	if (!flow)
		return 0;
	return round > 2 ? flow->state : flow->history[1];
}

__attribute__((noinline)) int wrong(struct flow *flow, int round)
{
	if (round > 7)
		return fine(flow, round);
	if (round == 3)
		return flow->state;
	return 2;
}

SEC("xdp")
int global(struct xdp_md *ctx)
{
	struct flow flow = {};

	if (ctx->ingress_ifindex > 4)
		flow.state = 2;
	return fine(&flow, ctx->rx_queue_index) + wrong(&flow, 3);
}
