#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
__attribute__((naked)) int far(struct __sk_buff *skb)
{
	asm volatile("r0 = 0\n\t"
		     "goto +0\n\t"
		     "exit");
}

char LICENSE[] SEC("license") = "GPL";
