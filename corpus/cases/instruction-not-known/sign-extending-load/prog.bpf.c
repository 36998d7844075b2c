#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
__attribute__((naked)) int temperature(struct __sk_buff *skb)
{
	asm volatile("r2 = -3\n\t"
		     "*(u64 *)(r10 - 8) = r2\n\t"
		     ".8byte 0xfff8a081\n\t" /* r0 = *(s32 *)(r10 - 8), as with -mcpu=v4 */ /* expect: instruction-not-known */
		     "r0 = 0\n\t"
		     "exit");
}

char LICENSE[] SEC("license") = "GPL";
