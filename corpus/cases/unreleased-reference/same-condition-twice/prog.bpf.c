#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int count(struct __sk_buff *skb)
{
	struct bpf_sock_tuple tuple = {};
	struct bpf_sock *sk = 0;
	__u32 wanted = skb->mark;

	if (wanted) /* cause: the verifier does not note that it is not 0 */
		sk = bpf_sk_lookup_tcp(skb, &tuple, sizeof(tuple.ipv4), -1, 0);
	asm volatile("" : "+r"(wanted));
	if (wanted && sk)
		bpf_sk_release(sk);
	return 0; /* expect: unreleased-reference */
}

char LICENSE[] SEC("license") = "GPL";
