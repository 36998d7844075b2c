#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

SEC("kprobe/kfree_skb")
int BPF_KPROBE(on_free, struct sk_buff *skb)
{
	unsigned char *head = BPF_CORE_READ(skb, head);
	struct iphdr *ip = (struct iphdr *)(head + BPF_CORE_READ(skb, network_header));

	return ip->version == 4 && ip->saddr;
}

char LICENSE[] SEC("license") = "GPL";
