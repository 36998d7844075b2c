#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int option_value(struct xdp_md *ctx)
{
	__u8 *data = (void *)(long)ctx->data;
	void *end = (void *)(long)ctx->data_end;
	__u8 *option;

	if ((void *)(data + 1) > end)
		return XDP_PASS;
	option = data + (data[0] & 31);
	if ((void *)(option + 2) > end) /* cause: covers 2 of 4 bytes */
		return XDP_PASS;
	return *(__u32 *)option == 7 ? XDP_DROP : XDP_PASS; /* expect: packet-bounds */
}

char LICENSE[] SEC("license") = "GPL";
