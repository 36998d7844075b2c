#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
__attribute__((naked)) int average(struct __sk_buff *skb)
{
	asm volatile("r0 = 12");
	asm volatile("r0 /= 3");
	asm volatile("r0 = -r0");
	asm volatile("r0 &= 1");
	asm volatile("exit");
}

char LICENSE[] SEC("license") = "GPL";
