#include <uapi/linux/bpf.h>
#include <linux/if_ether.h>

BPF_ARRAY(seen, u64, 256);

int count_types(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	int slot;

	if ((void *)(eth + 1) > data_end)
		return XDP_PASS;
	slot = eth->h_proto & 0xff;
	seen.increment(slot);
	return XDP_PASS;
}
