#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

SEC("tc")
int slow_down(struct __sk_buff *skb)
{
	struct bpf_sock *sk = skb->sk;
	struct tcp_sock *tp;

	if (!sk)
		return 0;
	tp = bpf_skc_to_tcp_sock(sk);
	if (!tp)
		return 0;
	tp->snd_cwnd = 1; /* expect: kernel-struct-read-only */ /* cause: may only be read */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
