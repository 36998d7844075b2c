#include "vmlinux.h"
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define ETH_P_IP 0x0800
#define TC_ACT_OK 0
#define TC_ACT_SHOT 2

int bpf_dynptr_from_skb(struct __sk_buff *skb, __u64 flags, struct bpf_dynptr *ptr) __ksym;
void *bpf_dynptr_slice(const struct bpf_dynptr *ptr, __u32 offset, void *buffer, __u32 size) __ksym;

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 16);
} flows SEC(".maps");

struct flow {
	__be32 from;
	__be32 to;
	__u32 length;
	__u32 protocol;
};

SEC("tc")
int report(struct __sk_buff *skb)
{
	struct flow flow = {};
	struct bpf_dynptr packet, record;
	struct ethhdr *eth, eth_copy;
	struct iphdr *ip, ip_copy;

	if (bpf_dynptr_from_skb(skb, 0, &packet))
		return TC_ACT_OK;
	eth = bpf_dynptr_slice(&packet, 0, &eth_copy, sizeof(eth_copy));
	if (!eth)
		return TC_ACT_OK;
	if (eth->h_proto != bpf_htons(ETH_P_IP))
		return TC_ACT_OK;
	ip = bpf_dynptr_slice(&packet, sizeof(*eth), &ip_copy, sizeof(ip_copy));
	if (!ip)
		return TC_ACT_SHOT;
	flow.from = ip->saddr;
	flow.to = ip->daddr;
	flow.protocol = ip->protocol;
	flow.length = skb->len;
	if (bpf_ringbuf_reserve_dynptr(&flows, sizeof(flow), 0, &record)) {
		bpf_ringbuf_discard_dynptr(&record, 0);
		return TC_ACT_OK;
	}
	bpf_dynptr_write(&record, 0, &flow, sizeof(flow), 0);
	bpf_ringbuf_submit_dynptr(&record, 0);
	return TC_ACT_OK;
}

char LICENSE[] SEC("license") = "GPL";
