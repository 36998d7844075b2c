#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int trailer(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	unsigned int len = data_end - data;
	unsigned char *last;

	if (len < 15)
		return XDP_PASS;
	last = data + len - 1;
	return *last == 0xff ? XDP_DROP : XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
