#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

static __attribute__((noinline)) int fill(int n)
{
	volatile char line[400] = {};

	line[n & 255] = n;
	return line[n & 127];
}

SEC("xdp")
int entry(struct xdp_md *ctx)
{
	volatile char own[400] = {};

	own[ctx->ingress_ifindex & 255] = 1;
	return own[ctx->rx_queue_index & 255] + fill(own[3]);
}

char LICENSE[] SEC("license") = "GPL";
