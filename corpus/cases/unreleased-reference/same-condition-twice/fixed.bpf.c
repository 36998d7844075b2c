#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int count(struct __sk_buff *skb)
{
	struct bpf_sock_tuple tuple = {};
	struct bpf_sock *sk = 0;
	__u32 wanted = skb->mark;

	if (wanted)
		sk = bpf_sk_lookup_tcp(skb, &tuple, sizeof(tuple.ipv4), -1, 0);
	if (sk)
		bpf_sk_release(sk);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
