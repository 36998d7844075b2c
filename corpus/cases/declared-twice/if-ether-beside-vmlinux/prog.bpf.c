#include "vmlinux.h"
#include <linux/if_ether.h> /* expect: declared-twice */ /* cause: vmlinux.h has these types already */
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

SEC("tc")
int only_ip(struct __sk_buff *skb)
{
	return skb->protocol == bpf_htons(ETH_P_IP) ? 0 : 2;
}

char LICENSE[] SEC("license") = "GPL";
