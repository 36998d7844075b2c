#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

static long pull(__u32 round, struct __sk_buff **skb)
{
	return bpf_skb_pull_data(*skb, 64 << round) != 0;
}

SEC("tc")
int only_tcp(struct __sk_buff *skb)
{
	void *data = (void *)(long)skb->data, *data_end = (void *)(long)skb->data_end;
	struct iphdr *ip = data + sizeof(struct ethhdr);
	struct __sk_buff *passed = skb;

	if ((void *)(ip + 1) > data_end)
		return TC_ACT_OK;
	bpf_loop(3, pull, &passed, 0);
	data = (void *)(long)skb->data;
	data_end = (void *)(long)skb->data_end;
	ip = data + sizeof(struct ethhdr);
	if ((void *)(ip + 1) > data_end)
		return TC_ACT_OK;
	if (ip->protocol == 6)
		return TC_ACT_SHOT;
	return TC_ACT_OK;
}

char LICENSE[] SEC("license") = "GPL";
