#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <bpf/bpf_helpers.h>

static int answers[4];

SEC("tc")
int arrow(struct __sk_buff *skb)
{
	void *data = (void *)(long)skb->data;
	void *end = (void *)(long)skb->data_end;
	struct ethhdr *eth = data;

	if (skb->mark == 1) return 0;
	if ((void *)(eth + 1) > end)
		return 0;
	if (eth->h_proto == 8) return 2;
	return answers[2];
}

char LICENSE[] SEC("license") = "GPL";
