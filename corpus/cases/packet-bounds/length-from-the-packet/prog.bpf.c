#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int options(struct xdp_md *ctx)
{
	__u8 *data = (void *)(long)ctx->data;
	void *end = (void *)(long)ctx->data_end;
	__u32 length;

	if ((void *)(data + 20) > end)
		return XDP_PASS;
	length = (data[0] & 15) * 4;
	return data[length] ? XDP_PASS : XDP_DROP; /* expect: packet-bounds */ /* cause: moved by a number from the packet */
}

char LICENSE[] SEC("license") = "GPL";
