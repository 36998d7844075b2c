#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int pass(struct xdp_md *ctx)
{
	long verdict;

	asm volatile("mov %0, 2" : "=r"(verdict)); /* expect: inline-assembly */ /* cause: not the syntax of BPF */
	return verdict;
}

char LICENSE[] SEC("license") = "GPL";
