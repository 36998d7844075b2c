#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
__attribute__((naked)) int pick(struct __sk_buff *skb)
{
	asm volatile("if r1 == 0 goto +2"); /* a 64-bit constant takes two slots */
	asm volatile("r0 = 0x1122334455667788 ll");
	asm volatile("r0 = 0");
	asm volatile("exit");
}

char LICENSE[] SEC("license") = "GPL";
