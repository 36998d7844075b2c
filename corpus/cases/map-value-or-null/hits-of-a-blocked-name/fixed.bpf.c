#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define DNS_PORT 53
#define MAX_NAME 64

struct dnshdr {
	__be16 id;
	__be16 flags;
	__be16 questions;
	__be16 answers;
	__be16 authorities;
	__be16 additional;
};

struct query {
	char name[MAX_NAME];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, struct query);
	__type(value, __u64);
} blocked SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64);
} seen SEC(".maps");

static __always_inline void count(__u32 what)
{
	__u64 *n = bpf_map_lookup_elem(&seen, &what);

	if (n)
		*n += 1;
}

SEC("xdp")
int filter_dns(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct query query = {};
	struct dnshdr *dns;
	struct iphdr *ip;
	struct udphdr *udp;
	char *name;
	__u64 *hits;
	int i;

	if ((void *)(eth + 1) > data_end)
		return XDP_PASS;
	if (eth->h_proto != bpf_htons(ETH_P_IP))
		return XDP_PASS;
	ip = (void *)(eth + 1);
	if ((void *)(ip + 1) > data_end)
		return XDP_PASS;
	if (ip->protocol != IPPROTO_UDP)
		return XDP_PASS;
	udp = (void *)(ip + 1);
	if ((void *)(udp + 1) > data_end)
		return XDP_PASS;
	if (udp->dest != bpf_htons(DNS_PORT))
		return XDP_PASS;
	dns = (void *)(udp + 1);
	if ((void *)(dns + 1) > data_end)
		return XDP_DROP;
	count(0);
	if (dns->questions != bpf_htons(1))
		return XDP_PASS;
	name = (void *)(dns + 1);
	for (i = 0; i < MAX_NAME; i++) {
		if ((void *)(name + i + 1) > data_end)
			return XDP_DROP;
		if (name[i] == 0)
			break;
		query.name[i] = name[i];
	}
	hits = bpf_map_lookup_elem(&blocked, &query);
	if (!hits)
		return XDP_PASS;
	*hits += 1;
	count(1);
	return XDP_DROP;
}

char LICENSE[] SEC("license") = "GPL";
