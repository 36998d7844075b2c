#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

/* A target for freplace: global, so that its type is known to the kernel. */
__noinline int handler(struct xdp_md *ctx)
{
	return ctx->data_end > ctx->data ? XDP_PASS : XDP_ABORTED;
}

SEC("xdp")
int entry(struct xdp_md *ctx)
{
	return handler(ctx);
}

char LICENSE[] SEC("license") = "GPL";
