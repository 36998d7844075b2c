#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
__attribute__((naked)) int prefix(struct __sk_buff *skb)
{
	asm volatile("w0 = 1");
	asm volatile("w0 <<= 32"); /* expect: shift-too-large */ /* cause: 32 of 32 bits */
	asm volatile("exit");
}

char LICENSE[] SEC("license") = "GPL";
