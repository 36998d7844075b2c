#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
__attribute__((naked)) int clear(struct __sk_buff *skb)
{
	asm volatile(".8byte 0x00080162"); /* *(u32 *)(r1 + 8) = 0, as with -mcpu=v4 */ /* expect: store-constant-to-context */ /* cause: a constant stored to the context */
	asm volatile("r0 = 0");
	asm volatile("exit");
}

char LICENSE[] SEC("license") = "GPL";
