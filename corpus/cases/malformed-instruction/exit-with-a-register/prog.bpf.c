#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
__attribute__((naked)) int leave(struct __sk_buff *skb)
{
	asm volatile("r0 = 0");
	asm volatile(".8byte 0x1095"); /* exit, with a source register */ /* expect: malformed-instruction */ /* cause: exit takes no register */
}

char LICENSE[] SEC("license") = "GPL";
