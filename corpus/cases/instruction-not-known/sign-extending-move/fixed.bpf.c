#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
__attribute__((naked)) int widen(struct __sk_buff *skb)
{
	asm volatile("r2 = 200");
	asm volatile("r0 = r2");
	asm volatile("r0 <<= 56");
	asm volatile("r0 s>>= 56");
	asm volatile("r0 &= 1");
	asm volatile("exit");
}

char LICENSE[] SEC("license") = "GPL";
