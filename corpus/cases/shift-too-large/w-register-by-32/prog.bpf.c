#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
__attribute__((naked)) int prefix(struct __sk_buff *skb)
{
	asm volatile("w0 = 1\n\t"
		     "w0 <<= 32\n\t" /* expect: shift-too-large */
		     "exit");
}

char LICENSE[] SEC("license") = "GPL";
