#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_helpers.h>

SEC("socket")
int clear_tos(struct __sk_buff *skb)
{
	__u8 tos = 0;

	bpf_skb_store_bytes(skb, ETH_HLEN + 1, &tos, 1, 0); /* expect: helper-not-allowed */ /* cause: not for socket filters */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
