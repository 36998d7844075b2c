#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_helpers.h>

__attribute__((noinline)) int type_of(struct __sk_buff *skb, struct ethhdr *eth)
{
	if (!eth)
		return 0;
	if (skb->len > 64)
		bpf_skb_pull_data(skb, 64);
	return eth->h_proto;
}

SEC("tc")
int classify(struct __sk_buff *skb)
{
	void *end = (void *)(long)skb->data_end;
	struct ethhdr *eth = (void *)(long)skb->data;

	if ((void *)(eth + 1) > end)
		return 0;
	return type_of(skb, eth); /* expect: global-function-packet */ /* cause: the function moves the packet */
}

char LICENSE[] SEC("license") = "GPL";
