#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int first(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	__u8 *end_of_header = data + 14;

	if ((void *)(end_of_header + 1) <= data_end)
		return *end_of_header;
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
