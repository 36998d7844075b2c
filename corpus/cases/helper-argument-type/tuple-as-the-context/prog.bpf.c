#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/pkt_cls.h>
#include <linux/tcp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, __u64);
} sources SEC(".maps");

SEC("tc")
int steer(struct __sk_buff *skb)
{
	void *data = (void *)(long)skb->data;
	void *data_end = (void *)(long)skb->data_end;
	struct iphdr *ip = data + ETH_HLEN;
	struct tcphdr *tcp = (void *)(ip + 1);
	struct bpf_sock_tuple tuple = {};
	struct bpf_sock *sk;
	__u32 mark, source;
	__u64 *packets;

	if ((void *)(tcp + 1) > data_end)
		return TC_ACT_OK;
	if (ip->protocol != IPPROTO_TCP || ip->ihl != 5)
		return TC_ACT_OK;
	tuple.ipv4.saddr = ip->saddr;
	tuple.ipv4.daddr = ip->daddr;
	tuple.ipv4.sport = tcp->source;
	tuple.ipv4.dport = tcp->dest;
	source = ip->saddr;
	sk = bpf_sk_lookup_tcp(&tuple, skb, sizeof(tuple.ipv4), BPF_F_CURRENT_NETNS, 0); /* expect: helper-argument-type */ /* cause: context and tuple are exchanged */
	if (!sk)
		return TC_ACT_OK;
	if (sk->state == BPF_TCP_LISTEN) {
		bpf_sk_release(sk);
		return TC_ACT_OK;
	}
	packets = bpf_map_lookup_elem(&sources, &source);
	if (!packets) {
		bpf_sk_release(sk);
		return TC_ACT_SHOT;
	}
	*packets += 1;
	mark = sk->mark;
	bpf_sk_release(sk);
	skb->mark = mark;
	return TC_ACT_OK;
}

char LICENSE[] SEC("license") = "GPL";
