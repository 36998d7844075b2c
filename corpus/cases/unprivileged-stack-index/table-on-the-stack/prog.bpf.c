#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("cgroup_skb/egress")
int classify(struct __sk_buff *skb)
{
	volatile char table[16] = {};
	__u32 i = skb->len & 15;

	table[i] = 1; /* expect: unprivileged-stack-index */ /* cause: the index is not constant */
	return table[3];
}

char LICENSE[] SEC("license") = "GPL";
