#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("socket")
int peek(struct __sk_buff *skb)
{
	return skb->data_end - skb->data; /* expect: context-access */ /* cause: not for this type of program */
}

char LICENSE[] SEC("license") = "GPL";
