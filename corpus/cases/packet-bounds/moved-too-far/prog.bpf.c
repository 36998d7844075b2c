#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int jump(struct xdp_md *ctx)
{
	__u8 *data = (void *)(long)ctx->data;
	void *end = (void *)(long)ctx->data_end;
	__u8 *target;

	if ((void *)(data + 4) > end)
		return XDP_PASS;
	target = data + (*(__u32 *)data & 0x1ffff);
	if ((void *)(target + 1) > end) /* cause: the pointer may have moved too far for a check */
		return XDP_PASS;
	return *target ? XDP_DROP : XDP_PASS; /* expect: packet-bounds */
}

char LICENSE[] SEC("license") = "GPL";
