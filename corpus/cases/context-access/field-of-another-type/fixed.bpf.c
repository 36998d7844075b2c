#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int mark(struct xdp_md *ctx)
{
	return ctx->rx_queue_index ? XDP_PASS : XDP_DROP;
}

char LICENSE[] SEC("license") = "GPL";
