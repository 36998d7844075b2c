#include "shared.h"

/* Many short ways through the packet; only the one with a known flow and an odd first byte goes wrong. */
SEC("xdp")
int diamonds(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data;
	unsigned char *end = (void *)(long)ctx->data_end;
	__u32 key = 0, sum = 0;
	struct flow *flow;

	if (data + 14 > end)
		return XDP_DROP;
	if (data[0] & 1)
		sum += data[1];
	else
		sum += 3;
	if (data[2] > 10)
		key = data[3];
	if (data[4] == 7)
		sum ^= 5;
	flow = bpf_map_lookup_elem(&flows, &key);
	if (!flow)
		return XDP_PASS;
	if (sum > 40)
		flow->packets++;
	if (sum & 2)
		return flow->history[sum & 15];
	flow->state = sum;
	return XDP_PASS;
}
