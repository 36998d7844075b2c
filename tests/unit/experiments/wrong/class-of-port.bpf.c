/* Counts by service: ports 8000 to 8015. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include <linux/in.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

struct stats {
	__u64 packets[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct stats);
} services SEC(".maps");

SEC("xdp")
int count_service(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	struct udphdr *udp = (void *)(ip + 1);
	struct stats *s;
	__u32 zero = 0;
	__u16 port;

	if ((void *)(udp + 1) > end || eth->h_proto != bpf_htons(ETH_P_IP) || ip->protocol != IPPROTO_UDP)
		return XDP_PASS;
	s = bpf_map_lookup_elem(&services, &zero);
	if (!s)
		return XDP_PASS;
	port = bpf_ntohs(udp->dest);
	if (port >= 8000 && port <= 8016)
		s->packets[port - 8000]++;
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
