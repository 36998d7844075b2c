#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

#define ETH_P_IP 0x0800

SEC("tc")
int only_ip(struct __sk_buff *skb)
{
	return skb->protocol == bpf_htons(ETH_P_IP) ? 0 : 2;
}

char LICENSE[] SEC("license") = "GPL";
