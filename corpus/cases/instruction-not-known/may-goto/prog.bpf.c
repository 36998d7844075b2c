#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
__attribute__((naked)) int wait(struct __sk_buff *skb)
{
	asm volatile("r0 = 0");
	asm volatile(".8byte 0x0000100e5"); /* may_goto +1 */ /* expect: instruction-not-known */ /* cause: newer than the kernel */
	asm volatile("goto -2");
	asm volatile("exit");
}

char LICENSE[] SEC("license") = "GPL";
