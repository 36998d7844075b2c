#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/pkt_cls.h>
#include <linux/tcp.h>
#include <stddef.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define IP_CSUM (ETH_HLEN + offsetof(struct iphdr, check))
#define IP_DADDR (ETH_HLEN + offsetof(struct iphdr, daddr))
#define TCP_CSUM (ETH_HLEN + sizeof(struct iphdr) + offsetof(struct tcphdr, check))

struct service {
	__be32 vip;
	__be16 port;
	__u16 pad;
};

struct backend {
	__be32 address;
	__u32 weight;
	__u64 packets;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 256);
	__type(key, struct service);
	__type(value, struct backend);
} backends SEC(".maps");

SEC("tc")
int translate(struct __sk_buff *skb)
{
	void *data = (void *)(long)skb->data;
	void *data_end = (void *)(long)skb->data_end;
	struct service service = {};
	struct backend *backend;
	__be32 before, after;
	struct iphdr *ip = data + ETH_HLEN;
	struct tcphdr *tcp = (void *)(ip + 1);

	if (skb->protocol != bpf_htons(ETH_P_IP))
		return TC_ACT_OK;
	if ((void *)(tcp + 1) > data_end)
		return TC_ACT_OK;
	if (ip->ihl != 5 || ip->protocol != IPPROTO_TCP)
		return TC_ACT_OK;
	service.vip = ip->daddr;
	service.port = tcp->dest;
	backend = bpf_map_lookup_elem(&backends, &service);
	if (!backend)
		return TC_ACT_OK;
	before = ip->daddr;
	after = backend->address;
	__sync_fetch_and_add(&backend->packets, 1);
	bpf_l4_csum_replace(skb, TCP_CSUM, before, after, BPF_F_PSEUDO_HDR | sizeof(after));
	bpf_l3_csum_replace(skb, IP_CSUM, before, after, sizeof(after));
	bpf_skb_store_bytes(skb, IP_DADDR, &after, sizeof(after), 0);
	data = (void *)(long)skb->data;
	data_end = (void *)(long)skb->data_end;
	ip = data + ETH_HLEN;
	if ((void *)(ip + 1) > data_end)
		return TC_ACT_SHOT;
	return ip->ttl > 1 ? TC_ACT_OK : TC_ACT_SHOT;
}

char LICENSE[] SEC("license") = "GPL";
