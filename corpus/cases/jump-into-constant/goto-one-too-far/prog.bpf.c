#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
__attribute__((naked)) int pick(struct __sk_buff *skb)
{
	asm volatile("if r1 == 0 goto +1"); /* cause: one too far */
	asm volatile("r0 = 0x1122334455667788 ll"); /* expect: jump-into-constant */
	asm volatile("r0 = 0");
	asm volatile("exit");
}

char LICENSE[] SEC("license") = "GPL";
