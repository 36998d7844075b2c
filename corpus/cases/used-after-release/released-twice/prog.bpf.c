#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int is_ours(struct __sk_buff *skb)
{
	struct bpf_sock_tuple tuple = {};
	struct bpf_sock *sk;

	sk = bpf_sk_lookup_tcp(skb, &tuple, sizeof(tuple.ipv4), BPF_F_CURRENT_NETNS, 0);
	if (!sk)
		return 0;
	if (sk->mark == 7) {
		bpf_sk_release(sk); /* cause: released already */
		asm volatile("" ::: "memory");
	}
	bpf_sk_release(sk); /* expect: used-after-release */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
