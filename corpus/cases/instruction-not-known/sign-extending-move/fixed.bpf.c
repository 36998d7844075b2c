#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
__attribute__((naked)) int widen(struct __sk_buff *skb)
{
	asm volatile("r2 = 200\n\t"
		     "r0 = r2\n\t"
		     "r0 <<= 56\n\t"
		     "r0 s>>= 56\n\t"
		     "r0 &= 1\n\t"
		     "exit");
}

char LICENSE[] SEC("license") = "GPL";
