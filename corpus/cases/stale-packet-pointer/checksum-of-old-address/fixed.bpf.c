#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>
#include <stddef.h>

#define IP_OFF sizeof(struct ethhdr)

SEC("tc")
int translate(struct __sk_buff *skb)
{
	void *data = (void *)(long)skb->data, *data_end = (void *)(long)skb->data_end;
	struct iphdr *ip = data + IP_OFF;
	__be32 address = 0x0100007f;
	long sum;

	if ((void *)(ip + 1) > data_end)
		return TC_ACT_OK;
	bpf_skb_store_bytes(skb, IP_OFF + offsetof(struct iphdr, daddr), &address, sizeof(address), 0);
	data = (void *)(long)skb->data;
	data_end = (void *)(long)skb->data_end;
	ip = data + IP_OFF;
	if ((void *)(ip + 1) > data_end)
		return TC_ACT_OK;
	sum = bpf_csum_diff(&ip->daddr, sizeof(ip->daddr), &address, sizeof(address), 0);
	bpf_l3_csum_replace(skb, IP_OFF + offsetof(struct iphdr, check), 0, sum, 0);
	return TC_ACT_OK;
}

char LICENSE[] SEC("license") = "GPL";
