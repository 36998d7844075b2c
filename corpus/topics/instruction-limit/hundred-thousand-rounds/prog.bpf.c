#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("socket")
int rounds(struct __sk_buff *skb)
{
	__u32 sum = skb->len;

#pragma clang loop unroll(disable)
	for (int i = 0; i < 100000; i++)
		asm volatile("%[sum] += 3" : [sum] "+r"(sum));
	return sum;
}

char LICENSE[] SEC("license") = "GPL";
