#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include <stddef.h>

#define BACKENDS 16

struct backend {
	__u32 addr;
	__u8 mac[6];
	__u16 port;
	__u64 hits;
};

struct pool {
	__u32 count;
	struct backend members[BACKENDS];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, struct pool);
} pools SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, __u32);
} sticky SEC(".maps");

static __always_inline __u16 fold(__u32 sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

SEC("tc")
int balance(struct __sk_buff *skb)
{
	void *data = (void *)(long)skb->data;
	void *data_end = (void *)(long)skb->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = data + sizeof(*eth);
	struct pool *pool;
	struct backend *be;
	__u32 zero = 0, idx, *pinned;
	__be32 old;

	if (data + sizeof(*eth) + sizeof(*ip) > data_end)
		return TC_ACT_OK;
	if (eth->h_proto != bpf_htons(ETH_P_IP))
		return TC_ACT_OK;

	pool = bpf_map_lookup_elem(&pools, &zero);
	if (!pool)
		return TC_ACT_OK;
	idx = ip->saddr;
	pinned = bpf_map_lookup_elem(&sticky, &idx);
	if (pinned)
		idx = *pinned;
	else
		idx = bpf_get_prandom_u32() % BACKENDS;
	be = &pool->members[idx];
	be->hits++; /* expect: unbounded-access */ /* cause: no limit */
	old = ip->daddr;

	if (bpf_l3_csum_replace(skb, sizeof(*eth) + offsetof(struct iphdr, check), old, be->addr, 4))
		return TC_ACT_SHOT;
	if (bpf_skb_store_bytes(skb, sizeof(*eth) + offsetof(struct iphdr, daddr), &be->addr, 4, 0))
		return TC_ACT_SHOT;
	data = (void *)(long)skb->data;
	data_end = (void *)(long)skb->data_end;
	eth = data;
	if ((void *)(eth + 1) > data_end)
		return TC_ACT_SHOT;
	__builtin_memcpy(eth->h_dest, be->mac, ETH_ALEN);
	return TC_ACT_OK;
}

char LICENSE[] SEC("license") = "GPL";
