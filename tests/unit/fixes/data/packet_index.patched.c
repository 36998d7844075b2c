#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int bytes(struct xdp_md *ctx)
{
	__u8 *data = (void *)(long)ctx->data;
	__u8 *end = (void *)(long)ctx->data_end;

	if ((void *)(data + 12 + 1) > end)
		return XDP_PASS;
	if (ctx->rx_queue_index) { if (data[12] == 8) return XDP_DROP; }
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
