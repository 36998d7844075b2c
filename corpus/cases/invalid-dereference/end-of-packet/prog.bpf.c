#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int last_byte(struct xdp_md *ctx)
{
	__u8 *end = (void *)(long)ctx->data_end;

	return *end == 0 ? XDP_DROP : XDP_PASS; /* expect: invalid-dereference */ /* cause: nothing is at the end */
}

char LICENSE[] SEC("license") = "GPL";
