#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int bits(struct __sk_buff *skb)
{
	__u32 rest = skb->mark, n = 0;

	for (int i = 0; i < 32; i++)
		n += (rest >> i) & 1;
	return n;
}

char LICENSE[] SEC("license") = "GPL";
