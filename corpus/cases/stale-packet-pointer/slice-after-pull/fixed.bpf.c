#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

int bpf_dynptr_from_skb(struct __sk_buff *skb, __u64 flags, struct bpf_dynptr *view) __ksym;
void *bpf_dynptr_slice(const struct bpf_dynptr *view, __u64 offset, void *buffer, __u64 size) __ksym;

SEC("tc")
int only_tcp(struct __sk_buff *skb)
{
	struct bpf_dynptr packet;
	struct iphdr *ip;
	__u8 protocol;

	bpf_dynptr_from_skb(skb, 0, &packet);
	ip = bpf_dynptr_slice(&packet, sizeof(struct ethhdr), NULL, sizeof(*ip));
	if (!ip)
		return 0;
	protocol = ip->protocol;
	bpf_skb_pull_data(skb, 128);
	return protocol == 6 ? 0 : 2;
}

char LICENSE[] SEC("license") = "GPL";
