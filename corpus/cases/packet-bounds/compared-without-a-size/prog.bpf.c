#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int first_byte(struct xdp_md *ctx)
{
	__u8 *data = (void *)(long)ctx->data;
	void *end = (void *)(long)ctx->data_end;

	if ((void *)data > end) /* cause: covers no byte */
		return XDP_PASS;
	return data[0] ? XDP_DROP : XDP_PASS; /* expect: packet-bounds */
}

char LICENSE[] SEC("license") = "GPL";
