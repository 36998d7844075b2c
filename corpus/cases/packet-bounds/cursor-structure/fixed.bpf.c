#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ipv6.h>
#include <linux/icmpv6.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

#define VLAN_DEPTH 2

struct vlan_hdr {
	__be16 tci;
	__be16 proto;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 256);
	__type(key, __u32);
	__type(value, __u64);
} nexthdr_count SEC(".maps");

struct cursor {
	void *pos;
	void *end;
};

static __always_inline int is_vlan(__u16 proto)
{
	return proto == bpf_htons(ETH_P_8021Q) || proto == bpf_htons(ETH_P_8021AD);
}

static __always_inline int parse_eth(struct cursor *cur, struct ethhdr **out)
{
	struct ethhdr *eth = cur->pos;
	struct vlan_hdr *vlan;
	__u16 proto;
	int i;

	if ((void *)(eth + 1) > cur->end)
		return -1;
	cur->pos = eth + 1;
	*out = eth;
	proto = eth->h_proto;
	vlan = cur->pos;
#pragma unroll
	for (i = 0; i < VLAN_DEPTH; i++) {
		if (!is_vlan(proto))
			break;
		if ((void *)(vlan + 1) > cur->end)
			break;
		proto = vlan->proto;
		vlan++;
	}
	cur->pos = vlan;
	return proto;
}

SEC("xdp")
int xdp_v6_stats(struct xdp_md *ctx)
{
	struct cursor cur = {
		.pos = (void *)(long)ctx->data,
		.end = (void *)(long)ctx->data_end,
	};
	struct ethhdr *eth;
	struct ipv6hdr *ip6;
	struct icmp6hdr *icmp;
	__u32 key;
	__u64 *count;
	int proto;

	proto = parse_eth(&cur, &eth);
	if (proto != bpf_htons(ETH_P_IPV6))
		return XDP_PASS;
	ip6 = cur.pos;
	if ((void *)(ip6 + 1) > cur.end)
		return XDP_PASS;
	key = ip6->nexthdr;
	count = bpf_map_lookup_elem(&nexthdr_count, &key);
	if (count)
		(*count)++;
	if (ip6->nexthdr != IPPROTO_ICMPV6)
		return XDP_PASS;
	icmp = (void *)(ip6 + 1);
	if ((void *)(icmp + 1) > cur.end)
		return XDP_PASS;
	if (icmp->icmp6_type == ICMPV6_ECHO_REQUEST)
		return XDP_DROP;
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
