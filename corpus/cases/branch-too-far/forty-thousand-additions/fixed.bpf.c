#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

static __noinline int add_all(int sum)
{
	asm volatile(".rept 40000; %0 += 1; .endr" : "+r"(sum));
	return sum;
}

SEC("socket")
int far(struct __sk_buff *skb)
{
	int sum = 0;

	if (skb->mark)
		sum = add_all(sum);
	return sum;
}

char LICENSE[] SEC("license") = "GPL";
