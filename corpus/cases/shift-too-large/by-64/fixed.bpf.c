#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int high(struct __sk_buff *skb)
{
	__u64 mark = skb->mark;

	asm volatile("%[mark] <<= 32" : [mark]"+r"(mark));
	return mark != 0;
}

char LICENSE[] SEC("license") = "GPL";
