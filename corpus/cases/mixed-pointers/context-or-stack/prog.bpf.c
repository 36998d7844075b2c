#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int choose(struct __sk_buff *skb)
{
	volatile __u32 fallback = 7;
	volatile __u32 *from = &fallback;

	if (skb->len > 100)
		from = (void *)skb;
	asm volatile("" : "+r"(from));
	return *from & 1; /* expect: mixed-pointers */ /* cause: the context on one way, the stack on another */
}

char LICENSE[] SEC("license") = "GPL";
