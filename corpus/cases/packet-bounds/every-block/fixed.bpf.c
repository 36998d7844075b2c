#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define BLOCK 256

SEC("xdp")
int parity(struct xdp_md *ctx)
{
	void *at = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 odd = 0;

	for (int i = 0; i < 6 && at + BLOCK <= end; i++) {
		odd ^= *(__u32 *)at;
		at += BLOCK;
	}
	return odd & 1 ? XDP_DROP : XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
