#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
__attribute__((naked)) int widen(struct __sk_buff *skb)
{
	asm volatile("r2 = 200\n\t"
		     ".8byte 0x000820bf\n\t" /* r0 = (s8)r2, as with -mcpu=v4 */ /* expect: instruction-not-known */
		     "r0 &= 1\n\t"
		     "exit");
}

char LICENSE[] SEC("license") = "GPL";
