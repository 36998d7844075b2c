#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

static __noinline int sum(__u32 a, __u32 b, __u32 c, __u32 d, __u32 e)
{
	__u64 sixth;

	/* what a function with six parameters begins with; this one is declared with five */
	asm volatile("%0 = *(u64 *)(r11 + 8)" : "=r"(sixth)); /* expect: stack-argument-layout */ /* cause: no caller passes a sixth */
	return a + b + c + d + e + sixth;
}

SEC("tc")
int total(struct __sk_buff *skb)
{
	return sum(skb->len, skb->mark, skb->hash, skb->priority, skb->ifindex) & 1;
}

char LICENSE[] SEC("license") = "GPL";
