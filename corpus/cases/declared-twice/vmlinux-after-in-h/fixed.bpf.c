#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

SEC("tc")
int only_tcp(struct __sk_buff *skb)
{
	struct bpf_sock *sk = skb->sk;

	if (sk)
		sk = bpf_sk_fullsock(sk);
	return sk && sk->protocol == IPPROTO_TCP ? 0 : 2;
}

char LICENSE[] SEC("license") = "GPL";
