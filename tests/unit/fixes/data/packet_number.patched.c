#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int number(struct __sk_buff *skb)
{
	__u64 end = skb->data_end;
	struct ethhdr *eth = (void *)(long)skb->data;

	if ((__u64)(eth + 1) > end)
		return 0;
	return eth->h_proto == 8 ? 2 : 0;
}

char LICENSE[] SEC("license") = "GPL";
