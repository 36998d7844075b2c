#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
__attribute__((naked)) int temperature(struct __sk_buff *skb)
{
	asm volatile("r2 = -3");
	asm volatile("*(u64 *)(r10 - 8) = r2");
	asm volatile(".8byte 0xfff8a081"); /* r0 = *(s32 *)(r10 - 8), as with -mcpu=v4 */ /* expect: instruction-not-known */ /* cause: newer than the kernel */
	asm volatile("r0 = 0");
	asm volatile("exit");
}

char LICENSE[] SEC("license") = "GPL";
