#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("cgroup_skb/egress")
int remember(struct __sk_buff *skb)
{
	skb->cb[0] = (__u32)(unsigned long)skb; /* expect: pointer-stored */ /* cause: stores an address */
	return 1;
}

char LICENSE[] SEC("license") = "GPL";
