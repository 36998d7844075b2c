#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("cgroup_skb/egress")
int weight(struct __sk_buff *skb)
{
	__u32 i = skb->len & 15;

	return i == 3;
}

char LICENSE[] SEC("license") = "GPL";
