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
	int (*handler)(struct __sk_buff *) = skb->mark ? accept : refuse;

	return handler(skb); /* expect: indirect-call */ /* cause: calls through a pointer */
}

char LICENSE[] SEC("license") = "GPL";
