#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_helpers.h>

__attribute__((noinline)) int type_of(struct __sk_buff *skb)
{
	struct ethhdr *eth;

	if (skb->len > 64)
		bpf_skb_pull_data(skb, 64);
	eth = (void *)(long)skb->data;
	if ((void *)(eth + 1) > (void *)(long)skb->data_end)
		return 0;
	return eth->h_proto;
}

SEC("tc")
int classify(struct __sk_buff *skb)
{
	return type_of(skb);
}

char LICENSE[] SEC("license") = "GPL";
