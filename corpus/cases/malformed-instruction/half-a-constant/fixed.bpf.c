#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
__attribute__((naked)) int load(struct __sk_buff *skb)
{
	asm volatile("r0 = 5 ll\n\t"
		     "r0 = 0\n\t"
		     "exit");
}

char LICENSE[] SEC("license") = "GPL";
