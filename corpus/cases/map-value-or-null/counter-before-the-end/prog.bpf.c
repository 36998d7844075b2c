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

struct conf {
	__u32 enabled;
	__u32 limit;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, __u64);
} rates SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct conf);
} config SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64);
} totals SEC(".maps");

SEC("tc")
int limit(struct __sk_buff *skb)
{
	void *data = (void *)(long)skb->data;
	void *data_end = (void *)(long)skb->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = data + sizeof(*eth);
	__u32 key = 0, src, any = 0xffffffff, i;
	__u64 *total, *seen, sum = 0;
	struct conf *conf;
	int verdict = TC_ACT_OK;

	if (data + sizeof(*eth) + sizeof(*ip) > data_end)
		return TC_ACT_OK;
	if (eth->h_proto != bpf_htons(ETH_P_IP))
		return TC_ACT_OK;
	total = bpf_map_lookup_elem(&totals, &key);
	if (total)
		*total += skb->len;

	src = ip->saddr;
	seen = bpf_map_lookup_elem(&rates, &src);
	if (!seen)
		seen = bpf_map_lookup_elem(&rates, &any);
	if (!seen)
		goto out;
	conf = bpf_map_lookup_elem(&config, &key);
	if (!conf)
		goto out;
	if (conf->enabled && *seen > conf->limit)
		verdict = TC_ACT_SHOT;
	__sync_fetch_and_add(seen, 1);
	for (i = 0; i < 4; i++) {
		__u64 *each = bpf_map_lookup_elem(&totals, &i);

		if (!each)
			continue;
		sum += *each;
	}
	if (sum > 1000000)
		verdict = TC_ACT_SHOT;
out:
	key = 1;
	total = bpf_map_lookup_elem(&totals, &key);
	*total += 1; /* expect: map-value-or-null */ /* cause: never compared with NULL */
	return verdict;
}

char LICENSE[] SEC("license") = "GPL";
