#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
__attribute__((naked)) int average(struct __sk_buff *skb)
{
	asm volatile("r0 = 12\n\t"
		     "r0 /= 3\n\t"
		     "r0 = -r0\n\t"
		     "r0 &= 1\n\t"
		     "exit");
}

char LICENSE[] SEC("license") = "GPL";
