#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

static __attribute__((naked, noinline, used)) int other(void)
{
	asm volatile("r0 = 0");
	asm volatile("r0 += 1");
	asm volatile("exit");
}

SEC("tc")
__attribute__((naked)) int pick(struct __sk_buff *skb)
{
	asm volatile("call %[other]" :: [other]"i"(other));
	asm volatile("if r0 == 0 goto +2"); /* expect: jump-out-of-range */ /* cause: into another function */
	asm volatile("r0 = 0");
	asm volatile("exit");
}

char LICENSE[] SEC("license") = "GPL";
