#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int reload_both(struct __sk_buff *skb)
{
	void *data = (void *)(long)skb->data;
	void *data_end = (void *)(long)skb->data_end;
	struct ethhdr *eth = data;
	__u32 mark = 3;

	if (data + sizeof(*eth) > data_end)
		return 0;
	bpf_skb_change_tail(skb, 60, 0);
	if (eth->h_proto == 8) mark = 4;
	return mark;
}

char LICENSE[] SEC("license") = "GPL";
