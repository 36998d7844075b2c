#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

SEC("xdp")
int wrap(struct xdp_md *ctx)
{
	void *data_end = (void *)(long)ctx->data_end;
	void *data = (void *)(long)ctx->data;
	struct ethhdr *eth = data, *outer;
	struct ethhdr copy;

	if ((void *)(eth + 1) > data_end)
		return XDP_DROP;
	__builtin_memcpy(&copy, eth, sizeof(copy));
	if (bpf_xdp_adjust_head(ctx, 0 - (int)sizeof(*outer)))
		return XDP_DROP;
	outer = (void *)(long)ctx->data;
	data_end = (void *)(long)ctx->data_end;
	if ((void *)(outer + 1) > data_end)
		return XDP_DROP;
	__builtin_memcpy(outer, &copy, sizeof(copy));
	outer->h_proto = bpf_htons(0x88b5);
	return XDP_TX;
}

char LICENSE[] SEC("license") = "GPL";
