#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
__attribute__((naked)) int far(struct __sk_buff *skb)
{
	asm volatile("r0 = 0");
	asm volatile(".8byte 0x000000006"); /* gotol +0, as with -mcpu=v4 */ /* expect: instruction-not-known */ /* cause: newer than the kernel */
	asm volatile("exit");
}

char LICENSE[] SEC("license") = "GPL";
