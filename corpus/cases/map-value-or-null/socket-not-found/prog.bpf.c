#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int lookup(struct __sk_buff *skb)
{
	struct bpf_sock *sk = skb->sk;

	return sk->family == 2; /* expect: map-value-or-null */ /* cause: never compared with NULL */
}

char LICENSE[] SEC("license") = "GPL";
