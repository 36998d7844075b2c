#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
__attribute__((naked)) int prefix(struct __sk_buff *skb)
{
	asm volatile("r0 = 1\n\t"
		     "r0 <<= 32\n\t"
		     "r0 >>= 33\n\t"
		     "exit");
}

char LICENSE[] SEC("license") = "GPL";
