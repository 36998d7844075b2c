#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int unset(struct xdp_md *ctx)
{
	int a = XDP_PASS;

	asm volatile("" : "+r"(a));
	return a;
}

char LICENSE[] SEC("license") = "GPL";
