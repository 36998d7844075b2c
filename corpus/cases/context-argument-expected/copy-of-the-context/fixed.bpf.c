#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__attribute__((noinline)) int length(struct __sk_buff *skb)
{
	return skb->len;
}

SEC("tc")
int copy(struct __sk_buff *skb)
{
	return length(skb);
}

char LICENSE[] SEC("license") = "GPL";
