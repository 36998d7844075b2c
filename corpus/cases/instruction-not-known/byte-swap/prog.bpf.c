#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
__attribute__((naked)) int swap(struct __sk_buff *skb)
{
	asm volatile("r0 = 1");
	asm volatile(".8byte 0x10000000d7"); /* r0 = bswap16 r0, as with -mcpu=v4 */ /* expect: instruction-not-known */ /* cause: newer than the kernel */
	asm volatile("r0 &= 1");
	asm volatile("exit");
}

char LICENSE[] SEC("license") = "GPL";
