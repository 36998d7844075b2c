#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("socket")
int table(struct __sk_buff *skb)
{
	__u32 sum = skb->len;

#pragma clang loop unroll(disable)
	for (int i = 0; i < 300; i++)
#pragma clang loop unroll(disable)
		for (int k = 0; k < 300; k++)
			asm volatile("%[sum] += 1" : [sum] "+r"(sum));
	return sum;
}

char LICENSE[] SEC("license") = "GPL";
