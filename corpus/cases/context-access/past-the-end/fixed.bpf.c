#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("socket")
int peek(struct __sk_buff *skb)
{
	return skb->len;
}

char LICENSE[] SEC("license") = "GPL";
