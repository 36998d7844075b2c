#include "shared.h"

/* A bounded loop with a branch inside; the index gets one too far in the last round. */
SEC("xdp")
int rounds(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data;
	unsigned char *end = (void *)(long)ctx->data_end;
	__u32 i, key = 1;
	struct flow *flow = bpf_map_lookup_elem(&flows, &key);

	if (!flow)
		return XDP_ABORTED;
#pragma clang loop unroll(disable)
	for (i = 0; i <= 13; i++) {
		if (data + i + 1 > end)
			break;
		if (data[i] == 'x')
			flow->history[i]++;
	}
	return XDP_PASS;
}
