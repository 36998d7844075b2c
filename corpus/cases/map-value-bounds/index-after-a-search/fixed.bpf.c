#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

const volatile __u16 allowed[8] = { 22, 53, 80, 123, 443, 853, 993, 8080 };
__u64 hits[8];

SEC("tc")
int gate(struct __sk_buff *skb)
{
	void *data = (void *)(long)skb->data;
	void *data_end = (void *)(long)skb->data_end;
	struct iphdr *ip = data + sizeof(struct ethhdr);
	struct udphdr *udp = (void *)(ip + 1);
	int i;

	if ((void *)(udp + 1) > data_end)
		return TC_ACT_OK;
	for (i = 0; i < 8; i++)
		if (bpf_ntohs(udp->dest) == allowed[i])
			break;
	if ((unsigned int)i < 8)
		hits[i]++;
	return i < 8 ? TC_ACT_OK : TC_ACT_SHOT;
}

char LICENSE[] SEC("license") = "GPL";
