#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
__attribute__((naked)) int swap(struct __sk_buff *skb)
{
	asm volatile("r0 = 1");
	asm volatile("r0 = be16 r0");
	asm volatile("r0 &= 1");
	asm volatile("exit");
}

char LICENSE[] SEC("license") = "GPL";
