#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int encapsulate(struct __sk_buff *skb)
{
	struct ethhdr *eth = (void *)(long)skb->data;
	struct bpf_tunnel_key key = { .tunnel_id = 7 };

	bpf_skb_set_tunnel_key(skb, &key, sizeof(key), 0);
	if ((void *)(eth + 1) > (void *)(long)skb->data_end)
		return TC_ACT_OK;
	if (eth->h_proto == bpf_htons(ETH_P_IP))
		return TC_ACT_OK;
	return TC_ACT_SHOT;
}

char LICENSE[] SEC("license") = "GPL";
