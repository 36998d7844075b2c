#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__u8 seen[64];
__u64 first;

SEC("xdp")
int sum(struct xdp_md *ctx)
{
	__u64 a = first;

	if (ctx->rx_queue_index > 3)
		seen[a + 1] = 1;
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
