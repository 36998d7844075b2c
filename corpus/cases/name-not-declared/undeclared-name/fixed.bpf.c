#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <linux/in.h>

SEC("xdp")
int drop_udp(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	__u8 *protocol = data + 23;

	if ((void *)(protocol + 1) > data_end)
		return XDP_PASS;
	return *protocol == IPPROTO_UDP ? XDP_DROP : XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
