#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
__attribute__((naked)) int compute(struct __sk_buff *skb)
{
	asm volatile("r0 = 0\n\t"
		     ".8byte 0x100000000e7\n\t" /* operation 14: there is none */ /* expect: malformed-instruction */
		     "exit");
}

char LICENSE[] SEC("license") = "GPL";
