#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_helpers.h>

__attribute__((noinline)) int make_room(struct __sk_buff *skb)
{
	return bpf_skb_change_head(skb, 8, 0);
}

SEC("tc")
int wrap(struct __sk_buff *skb)
{
	void *data_end = (void *)(long)skb->data_end;
	struct ethhdr *eth = (void *)(long)skb->data;

	if ((void *)(eth + 1) > data_end)
		return 0;
	if (make_room(skb))
		return 0;
	data_end = (void *)(long)skb->data_end;
	eth = (void *)(long)skb->data;
	if ((void *)(eth + 1) > data_end)
		return 0;
	eth->h_proto = 8;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
