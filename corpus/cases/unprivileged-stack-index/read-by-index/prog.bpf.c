#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("cgroup_skb/egress")
int weight(struct __sk_buff *skb)
{
	volatile char weights[16] = {};
	__u32 i = skb->len & 15;

	weights[3] = 1;
	return weights[i] & 1; /* expect: unprivileged-stack-index */ /* cause: the index is not constant */
}

char LICENSE[] SEC("license") = "GPL";
