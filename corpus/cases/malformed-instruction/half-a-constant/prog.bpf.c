#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
__attribute__((naked)) int load(struct __sk_buff *skb)
{
	asm volatile(".8byte 0x500000018"); /* the first half of a 64-bit constant */ /* expect: malformed-instruction */ /* cause: its second half is missing */
	asm volatile("r0 = 0");
	asm volatile("exit");
}

char LICENSE[] SEC("license") = "GPL";
