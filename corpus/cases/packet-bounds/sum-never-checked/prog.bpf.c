#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int by_queue(struct xdp_md *ctx)
{
	__u8 *data = (void *)(long)ctx->data;
	__u32 queue = ctx->rx_queue_index & 31;

	return data[queue] ? XDP_DROP : XDP_PASS; /* expect: packet-bounds */ /* cause: moved by a number, and never checked */
}

char LICENSE[] SEC("license") = "GPL";
