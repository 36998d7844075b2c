#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

unsigned long long load_half(void *ctx, unsigned long long offset) asm("llvm.bpf.load.half");

SEC("xdp")
int only_ip(struct xdp_md *ctx)
{
	return load_half(ctx, 12) == 0x0800 ? XDP_PASS : XDP_DROP; /* expect: legacy-packet-load */ /* cause: not for XDP */
}

char LICENSE[] SEC("license") = "GPL";
