#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
__attribute__((naked)) int widen(struct __sk_buff *skb)
{
	asm volatile("r2 = 200");
	asm volatile(".8byte 0x000820bf"); /* r0 = (s8)r2, as with -mcpu=v4 */ /* expect: instruction-not-known */ /* cause: newer than the kernel */
	asm volatile("r0 &= 1");
	asm volatile("exit");
}

char LICENSE[] SEC("license") = "GPL";
