#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_helpers.h>

__u64 first_byte[128];

SEC("tc")
int count_bytes(struct __sk_buff *skb)
{
	signed char byte = 0;

	if (bpf_skb_load_bytes(skb, ETH_HLEN, &byte, 1))
		return 0;
	first_byte[byte]++; /* expect: unbounded-access */ /* cause: may be negative */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
