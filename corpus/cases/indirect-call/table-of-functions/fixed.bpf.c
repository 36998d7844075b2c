#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

static __attribute__((noinline)) int accept(struct __sk_buff *skb)
{
	return skb->len > 100;
}

static __attribute__((noinline)) int refuse(struct __sk_buff *skb)
{
	return skb->len > 200;
}

SEC("tc")
int decide(struct __sk_buff *skb)
{
	return skb->mark ? accept(skb) : refuse(skb);
}

char LICENSE[] SEC("license") = "GPL";
