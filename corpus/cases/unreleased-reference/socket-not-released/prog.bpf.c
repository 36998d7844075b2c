#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int has_listener(struct __sk_buff *skb)
{
	struct bpf_sock_tuple tuple = {
		.ipv4.daddr = 0x0100007f,
		.ipv4.dport = 0x5000,
	};
	struct bpf_sock *sock;

	sock = bpf_sk_lookup_tcp(skb, &tuple, sizeof(tuple.ipv4), BPF_F_CURRENT_NETNS, 0); /* cause: must be given back */
	if (!sock)
		return TC_ACT_SHOT;
	return TC_ACT_OK;
} /* expect: unreleased-reference */

char LICENSE[] SEC("license") = "GPL";
