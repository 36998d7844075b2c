#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__attribute__((noinline)) int length(struct __sk_buff *skb)
{
	return skb->len;
}

SEC("tc")
int copy(struct __sk_buff *skb)
{
	struct __sk_buff other = {};

	other.len = skb->mark;
	return length(&other); /* expect: context-argument-expected */ /* cause: a copy, not the context */
}

char LICENSE[] SEC("license") = "GPL";
