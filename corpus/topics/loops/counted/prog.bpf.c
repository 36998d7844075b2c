#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("socket")
int weigh(struct __sk_buff *skb)
{
	__u32 sum = skb->len;

#pragma clang loop unroll(disable)
	for (int i = 0; i < 20; i++)
		sum = sum * 33 + i;
	return sum;
}

char LICENSE[] SEC("license") = "GPL";
