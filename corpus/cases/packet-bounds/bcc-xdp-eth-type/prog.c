#include <uapi/linux/bpf.h>
#include <linux/if_ether.h>

BPF_ARRAY(seen, u64, 256);

int count_types(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	struct ethhdr *eth = data;
	int slot = eth->h_proto & 0xff; /* expect: packet-bounds */ /* cause: never compared with the packet's end */

	seen.increment(slot);
	return XDP_PASS;
}
