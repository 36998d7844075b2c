// Since 6.12 the verifier walks `w4 &= w2` twice where w4 is -1 or 0.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("socket")
int forks(struct __sk_buff *skb)
{
	__u32 len = skb->len, all = 0;

#pragma clang loop unroll(disable)
	for (int i = 0; i < 2; i++) {
		if (len >> i & 2)
			all += 2 * i + 1;
		if (all > 2)
			len += skb->mark;
	}
	return all;
}
