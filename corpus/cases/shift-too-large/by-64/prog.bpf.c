#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int high(struct __sk_buff *skb)
{
	__u64 mark = skb->mark;

	asm volatile("%[mark] <<= 64" : [mark]"+r"(mark)); /* expect: shift-too-large */ /* cause: 64 of 64 bits */
	return mark != 0;
}

char LICENSE[] SEC("license") = "GPL";
