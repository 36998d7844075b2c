#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int hash_mark(struct __sk_buff *skb)
{
	__u32 i, hash = skb->mark;

	for (i = 0; i < 100; i++)
		hash = hash * 33 + i;
	return hash & 1;
}

char LICENSE[] SEC("license") = "GPL";
