#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

static __attribute__((noinline)) int handle(struct __sk_buff *skb, int n)
{
	return skb->mark + n;
}

SEC("tc")
int dispatch(struct __sk_buff *skb)
{
	int sum = 0, n;

	for (n = 0; n < 256; n++)
		sum += handle(skb, n);
	return sum;
}

char LICENSE[] SEC("license") = "GPL";
