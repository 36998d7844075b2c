#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
__attribute__((naked)) int wait(struct __sk_buff *skb)
{
	asm volatile("r0 = 0\n\t"
		     ".8byte 0x0000100e5\n\t" /* may_goto +1 */ /* expect: instruction-not-known */
		     "goto -2\n\t"
		     "exit");
}

char LICENSE[] SEC("license") = "GPL";
