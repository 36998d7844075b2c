#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

SEC("tc")
int listens(struct __sk_buff *skb)
{
	struct bpf_sock *sk = skb->sk;
	int state;

	if (!sk)
		return 0;
	sk = bpf_sk_fullsock(sk);
	if (!sk)
		return 0;
	state = sk->state;
	bpf_sk_release(sk); /* expect: release-without-acquire */ /* cause: never acquired */
	return state;
}

char LICENSE[] SEC("license") = "GPL";
