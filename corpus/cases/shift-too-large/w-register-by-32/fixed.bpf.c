#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
__attribute__((naked)) int prefix(struct __sk_buff *skb)
{
	asm volatile("r0 = 1");
	asm volatile("r0 <<= 32");
	asm volatile("r0 >>= 33");
	asm volatile("exit");
}

char LICENSE[] SEC("license") = "GPL";
