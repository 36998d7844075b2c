#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

struct flow {
	__u32 saddr;
	__u16 port;
	__u64 bytes;
	char name[16];
	struct {
		__u16 low;
		__u16 kind : 3;
		__u16 rest : 13;
	} parts[4];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 128);
	__type(key, __u32);
	__type(value, struct flow);
} flows SEC(".maps");

static __noinline int protocol(struct xdp_md *ctx, int offset)
{
	void *data = (void *)(long)ctx->data, *data_end = (void *)(long)ctx->data_end;
	struct iphdr *ip = data + offset;

	if ((void *)(ip + 1) > data_end)
		return -1;
	return ip->protocol;
}

static __always_inline void count(__u32 key, __u32 bytes)
{
	struct flow *flow = bpf_map_lookup_elem(&flows, &key);

	flow->bytes += bytes;
}

SEC("xdp")
int drop_dns(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip;
	struct udphdr *udp;

	if (data + sizeof(*eth) + sizeof(*ip) > data_end)
		return XDP_PASS;
	ip = data + sizeof(*eth);
	if (protocol(ctx, 14) != 17)
		return XDP_PASS;
	udp = (void *)ip + sizeof(*ip);
	if (udp->dest == bpf_htons(53))
		return XDP_DROP;
	return XDP_PASS;
}

SEC("xdp")
int count_bytes(struct xdp_md *ctx)
{
	if (protocol(ctx, 14) == 6)
		return XDP_DROP;
	count(ctx->ingress_ifindex, ctx->data_end - ctx->data);
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
