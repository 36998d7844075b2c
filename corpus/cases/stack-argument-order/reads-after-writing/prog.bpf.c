#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int pass_on(struct __sk_buff *skb)
{
	__u64 outgoing = skb->len, incoming;

	asm volatile("*(u64 *)(r11 - 8) = %[out]; %[in] = *(u64 *)(r11 + 8)" : [in] "=r"(incoming) : [out] "r"(outgoing)); /* expect: stack-argument-order */ /* cause: written before it is read */
	return incoming & 1;
}

char LICENSE[] SEC("license") = "GPL";
