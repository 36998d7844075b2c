#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
__attribute__((naked)) int prefix(struct __sk_buff *skb)
{
	asm volatile("w0 = 1");
	asm volatile("w0 <<= 32"); /* expect: shift-too-large */
	asm volatile("exit");
}

char LICENSE[] SEC("license") = "GPL";
