#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int last(struct xdp_md *ctx)
{
	__u8 *end = (void *)(long)ctx->data_end;

	return *end ? XDP_PASS : XDP_DROP; /* expect: invalid-dereference */ /* cause: nothing is at the end */
}

char LICENSE[] SEC("license") = "GPL";
