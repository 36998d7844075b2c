#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int last(struct xdp_md *ctx)
{
	__u8 *data = (void *)(long)ctx->data;
	void *end = (void *)(long)ctx->data_end;

	if ((void *)(data + 1) > end)
		return XDP_PASS;
	return *data ? XDP_PASS : XDP_DROP;
}

char LICENSE[] SEC("license") = "GPL";
