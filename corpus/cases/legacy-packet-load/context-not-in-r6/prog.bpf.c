#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("socket")
__attribute__((naked)) int protocol(struct __sk_buff *skb)
{
	asm volatile("r7 = r1");
	asm volatile("r6 = 0"); /* cause: overwrites where the context belongs */
	asm volatile("r0 = *(u8 *)skb[23]"); /* expect: legacy-packet-load */
	asm volatile("exit");
}

char LICENSE[] SEC("license") = "GPL";
