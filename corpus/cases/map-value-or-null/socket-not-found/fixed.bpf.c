#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int lookup(struct __sk_buff *skb)
{
	struct bpf_sock *sk = skb->sk;

	if (!sk)
		return 0;
	return sk->family == 2;
}

char LICENSE[] SEC("license") = "GPL";
