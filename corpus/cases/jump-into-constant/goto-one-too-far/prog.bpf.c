#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
__attribute__((naked)) int pick(struct __sk_buff *skb)
{
	asm volatile("if r1 == 0 goto +1\n\t"
		     "r0 = 0x1122334455667788 ll\n\t" /* expect: jump-into-constant */
		     "r0 = 0\n\t"
		     "exit");
}

char LICENSE[] SEC("license") = "GPL";
