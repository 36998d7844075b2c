#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

/* Here the packet begins with the IP header; the Ethernet header is gone, or not there yet. */
SEC("cgroup_skb/egress")
int only_ip(struct __sk_buff *skb)
{
	void *data = (void *)(long)skb->data, *data_end = (void *)(long)skb->data_end;
	struct ethhdr *eth = data - sizeof(*eth);

	if (data + sizeof(struct iphdr) > data_end)
		return 1;
	return eth->h_proto == bpf_htons(ETH_P_IP); /* expect: in-front-of-packet */ /* cause: reads in front of the packet */
}

char LICENSE[] SEC("license") = "GPL";
