#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("cgroup_skb/egress")
int segments(struct __sk_buff *skb)
{
	struct bpf_sock *sk = skb->sk;
	struct bpf_tcp_sock *tp;

	if (!sk)
		return 1;
	tp = (struct bpf_tcp_sock *)sk;
	return tp->bytes_acked > 1000; /* expect: socket-field-access */ /* cause: not a TCP socket for the verifier */
}

char LICENSE[] SEC("license") = "GPL";
