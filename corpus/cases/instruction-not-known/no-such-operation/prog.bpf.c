#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
__attribute__((naked)) int compute(struct __sk_buff *skb)
{
	asm volatile("r0 = 0");
	asm volatile(".8byte 0x100000000e7"); /* operation 14: there is none */ /* expect: instruction-not-known */ /* cause: no kernel knows it */
	asm volatile("exit");
}

char LICENSE[] SEC("license") = "GPL";
