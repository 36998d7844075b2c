#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("socket")
int checksum(struct __sk_buff *skb)
{
	__u32 sum = 0, i;

	for (i = 0; i < 4; i++)
		sum += skb->cb[i] * i;
#pragma clang loop unroll(disable)
	for (i = 0; i < 20; i++) /* expect: loop-back-edge */ /* cause: a loop, without privilege */
		sum = sum * 33 + i;
	return sum;
}

char LICENSE[] SEC("license") = "GPL";
