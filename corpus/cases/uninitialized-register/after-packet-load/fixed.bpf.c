#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

SEC("socket")
__attribute__((naked)) int kind(void)
{
	asm volatile("r6 = r1");
	asm volatile("r7 = 5");
	asm volatile("r2 = 5");
	asm volatile("r0 = *(u8 *)skb[14]");
	asm volatile("r0 += r7");
	asm volatile("exit");
}

char LICENSE[] SEC("license") = "GPL";
