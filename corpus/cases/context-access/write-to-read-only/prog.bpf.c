#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int renumber(struct __sk_buff *skb)
{
	skb->ifindex = 2; /* expect: context-access */ /* cause: may only be read */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
