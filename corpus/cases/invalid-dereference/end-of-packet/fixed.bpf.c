#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int first_byte(struct xdp_md *ctx)
{
	__u8 *start = (void *)(long)ctx->data;
	__u8 *end = (void *)(long)ctx->data_end;

	if (start + 1 > end)
		return XDP_PASS;
	return *start == 0 ? XDP_DROP : XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
