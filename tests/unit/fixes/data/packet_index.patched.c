#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int bytes(struct xdp_md *ctx)
{
	__u8 *data = (void *)(long)ctx->data;
	__u8 *end = (void *)(long)ctx->data_end;

	if (ctx->rx_queue_index) { if ((void *)(data + 13) > end) return XDP_PASS; if (data[12] == 8) return XDP_DROP; }
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
