#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
__attribute__((naked)) int load(struct __sk_buff *skb)
{
	asm volatile(".8byte 0x500000018\n\t" /* the first half of a 64-bit constant */ /* expect: malformed-instruction */
		     "r0 = 0\n\t"
		     "exit");
}

char LICENSE[] SEC("license") = "GPL";
