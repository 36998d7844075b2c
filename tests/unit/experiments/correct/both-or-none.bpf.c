/* A flow is dropped where neither direction is known. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <bpf/bpf_helpers.h>

struct flow {
	__u64 packets;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, __u64);
	__type(value, struct flow);
} flows SEC(".maps");

SEC("xdp")
int check_flow(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct iphdr *ip = data + sizeof(struct ethhdr);
	struct flow *out, *in;
	__u64 there, back;

	if ((void *)(ip + 1) > end)
		return XDP_PASS;
	there = (__u64)ip->saddr << 32 | ip->daddr;
	back = (__u64)ip->daddr << 32 | ip->saddr;
	out = bpf_map_lookup_elem(&flows, &there);
	in = bpf_map_lookup_elem(&flows, &back);
	if (!(out || in))
		return XDP_DROP;
	if (out)
		out->packets++;
	if (in)
		in->packets++;
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
