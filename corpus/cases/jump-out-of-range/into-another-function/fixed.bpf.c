#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

static __attribute__((naked, noinline, used)) int other(void)
{
	asm volatile("r0 = 0\n\t"
		     "r0 += 1\n\t"
		     "exit");
}

SEC("tc")
__attribute__((naked)) int pick(struct __sk_buff *skb)
{
	asm volatile("call %[other]\n\t"
		     "if r0 == 0 goto +1\n\t"
		     "r0 = 0\n\t"
		     "exit"
		     :: [other]"i"(other));
}

char LICENSE[] SEC("license") = "GPL";
