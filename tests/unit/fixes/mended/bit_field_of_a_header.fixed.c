#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

SEC("kprobe/kfree_skb")
int BPF_KPROBE(on_free, struct sk_buff *skb)
{
	unsigned char *head = BPF_CORE_READ(skb, head);
	struct iphdr *ip = (struct iphdr *)(head + BPF_CORE_READ(skb, network_header));

	struct iphdr ip_copy = {};

	bpf_probe_read_kernel(&ip_copy, sizeof(ip_copy), ip);
	return ip_copy.version == 4 && ip_copy.saddr;
}

char LICENSE[] SEC("license") = "GPL";
