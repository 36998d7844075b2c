#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int ports(struct xdp_md *ctx)
{
	__u8 *data = (void *)(long)ctx->data;
	void *end = (void *)(long)ctx->data_end;

	if ((void *)((__u16 *)(data + 36) + 1) > end)
		return XDP_PASS;
	return *(__u16 *)(data + 36) == 0x5000 ? XDP_DROP : XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
