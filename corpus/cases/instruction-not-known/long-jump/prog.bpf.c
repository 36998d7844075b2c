#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
__attribute__((naked)) int far(struct __sk_buff *skb)
{
	asm volatile("r0 = 0\n\t"
		     ".8byte 0x000000006\n\t" /* gotol +0, as with -mcpu=v4 */ /* expect: instruction-not-known */
		     "exit");
}

char LICENSE[] SEC("license") = "GPL";
