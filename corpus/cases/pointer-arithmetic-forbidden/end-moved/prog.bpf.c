#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int tail(struct xdp_md *ctx)
{
	__u8 *data = (void *)(long)ctx->data;
	__u8 *end = (void *)(long)ctx->data_end;

	asm volatile("%0 += -4" : "+r"(end)); /* expect: pointer-arithmetic-forbidden */ /* cause: the end cannot be moved */
	return data > end ? XDP_DROP : XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
