#include <linux/bpf.h>
#include <linux/if_arp.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int only_ethernet(struct __sk_buff *skb)
{
	return skb->protocol == ARPHRD_ETHER ? 0 : 2;
}

char LICENSE[] SEC("license") = "GPL";
