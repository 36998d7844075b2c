#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int moved(struct __sk_buff *skb)
{
	void *data, *data_end;
	struct iphdr *ip;

	data = (void *)(long)skb->data;
	data_end = (void *)(long)skb->data_end;
	ip = data + sizeof(struct ethhdr);
	if ((void *)(ip + 1) > data_end)
		return 0;
	if (ip->ttl == 1) {
		bpf_skb_change_tail(skb, 60, 0);
		data_end = (void *)(long)skb->data_end;
		data = (void *)(long)skb->data;
		ip = data + sizeof(struct ethhdr);
		if ((void *)(ip + 1) > data_end)
			return 0;
		ip->ttl = 2;
	}
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
