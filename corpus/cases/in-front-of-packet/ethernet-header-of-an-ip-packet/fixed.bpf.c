#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

/* Here the packet begins with the IP header; the Ethernet header is gone, or not there yet. */
SEC("cgroup_skb/egress")
int only_ip(struct __sk_buff *skb)
{
	return skb->protocol == bpf_htons(ETH_P_IP);
}

char LICENSE[] SEC("license") = "GPL";
