#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

/* In assembly, so that every compiler arranges it so: the loop ends in a jump. */
SEC("xdp")
int five_numbers(struct xdp_md *ctx)
{
	int rounds;

	asm volatile("r6 = 0; 1: call 7; r6 += 1; if r6 < 5 goto 1b; %0 = r6;"
		     : "=r"(rounds) : : "r0", "r1", "r2", "r3", "r4", "r5", "r6");
	return rounds == 5 ? XDP_PASS : XDP_DROP;
}

char LICENSE[] SEC("license") = "GPL";
