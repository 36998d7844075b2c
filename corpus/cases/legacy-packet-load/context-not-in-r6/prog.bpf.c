#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("socket")
__attribute__((naked)) int protocol(struct __sk_buff *skb)
{
	asm volatile("r7 = r1\n\t"
		     "r6 = 0\n\t" /* cause: legacy-packet-load */
		     "r0 = *(u8 *)skb[23]\n\t" /* expect: legacy-packet-load */
		     "exit");
}

char LICENSE[] SEC("license") = "GPL";
