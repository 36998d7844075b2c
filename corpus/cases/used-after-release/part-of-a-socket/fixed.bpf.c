#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int window(struct __sk_buff *skb)
{
	struct bpf_sock_tuple tuple = {};
	struct bpf_sock *sk;
	struct bpf_tcp_sock *tcp;
	__u32 window = 0;

	sk = bpf_skc_lookup_tcp(skb, &tuple, sizeof(tuple.ipv4), BPF_F_CURRENT_NETNS, 0);
	if (!sk)
		return 0;
	tcp = bpf_tcp_sock(sk);
	if (tcp)
		window = tcp->snd_cwnd;
	bpf_sk_release(sk);
	return window;
}

char LICENSE[] SEC("license") = "GPL";
