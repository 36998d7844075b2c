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
	if ((void *)(data + length + 1) > end)
		return XDP_PASS;
	return data[length] ? XDP_PASS : XDP_DROP;
}

char LICENSE[] SEC("license") = "GPL";
