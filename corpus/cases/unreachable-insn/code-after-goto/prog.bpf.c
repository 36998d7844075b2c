#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int skip(struct __sk_buff *skb)
{
	asm volatile("goto +1\n\t" /* expect: unreachable-insn */ /* cause: jumps over it */
		     "r1 = 0\n\t"
		     ::: "r1");
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
