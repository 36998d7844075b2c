#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("socket")
int far(struct __sk_buff *skb)
{
	int sum = 0;

	if (skb->mark) /* expect: branch-too-far */
		asm volatile(".rept 40000; %0 += 1; .endr" : "+r"(sum)); /* cause: more than 32,767 instructions to jump over */
	return sum;
}

char LICENSE[] SEC("license") = "GPL";
