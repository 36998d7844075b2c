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

struct flow_key {
	__u8 proto;
	__be32 src;
	__be32 dst;
	__be16 sport;
	__be16 dport;
};

struct flow_stats {
	__u64 packets;
	__u64 bytes;
	__u64 last;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 65536);
	__type(key, struct flow_key);
	__type(value, struct flow_stats);
} flows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u64);
} sizes SEC(".maps");

static __always_inline int fill_key(struct __sk_buff *skb, struct flow_key *key)
{
	void *data = (void *)(long)skb->data;
	void *data_end = (void *)(long)skb->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	struct udphdr *udp = (void *)(ip + 1);

	if ((void *)(ip + 1) > data_end)
		return -1;
	if (eth->h_proto != bpf_htons(ETH_P_IP))
		return -1;
	key->proto = ip->protocol;
	key->src = ip->saddr;
	key->dst = ip->daddr;
	if (ip->protocol == IPPROTO_UDP || ip->protocol == IPPROTO_TCP) {
		if ((void *)(udp + 1) > data_end)
			return -1;
		key->sport = udp->source;
		key->dport = udp->dest;
	}
	return 0;
}

SEC("tc")
int account(struct __sk_buff *skb)
{
	struct flow_key key = {};
	struct flow_stats *stats, fresh = {};
	__u32 bucket;
	__u64 *hist;

	if (fill_key(skb, &key) < 0)
		return TC_ACT_OK;

	stats = bpf_map_lookup_elem(&flows, &key);
	if (!stats) { /* cause: NULL here */
		bpf_map_update_elem(&flows, &key, &fresh, BPF_NOEXIST);
		bpf_printk("new");
	}
	__sync_fetch_and_add(&stats->packets, 1); /* expect: null-dereference */
	__sync_fetch_and_add(&stats->bytes, skb->len);
	stats->last = bpf_ktime_get_ns();

	bucket = skb->len / 64;
	if (bucket > 63)
		bucket = 63;
	hist = bpf_map_lookup_elem(&sizes, &bucket);
	if (hist)
		__sync_fetch_and_add(hist, 1);
	return TC_ACT_OK;
}

char LICENSE[] SEC("license") = "GPL";
