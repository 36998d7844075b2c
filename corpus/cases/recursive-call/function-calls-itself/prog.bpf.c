#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

static __attribute__((noinline)) int steps(int n)
{
	if (n < 2)
		return n;
	return steps(n - 1) + steps(n - 2); /* expect: recursive-call */ /* cause: calls itself */
}

SEC("tc")
int count(struct __sk_buff *skb)
{
	return steps(skb->len);
}

char LICENSE[] SEC("license") = "GPL";
