#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
__attribute__((naked)) int average(struct __sk_buff *skb)
{
	asm volatile("r0 = -12");
	asm volatile(".8byte 0x300010037"); /* r0 s/= 3, as with -mcpu=v4 */ /* expect: instruction-not-known */ /* cause: newer than the kernel */
	asm volatile("r0 &= 1");
	asm volatile("exit");
}

char LICENSE[] SEC("license") = "GPL";
