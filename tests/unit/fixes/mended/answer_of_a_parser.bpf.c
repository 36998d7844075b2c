#include <linux/bpf.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include <bpf/bpf_helpers.h>

struct cursor {
	void *at;
	void *end;
};

static __always_inline struct iphdr *parse_ip(struct cursor *cursor)
{
	struct iphdr *ip = cursor->at;

	if ((void *)(ip + 1) > cursor->end)
		return 0;
	cursor->at += ip->ihl * 4;
	return ip;
}

static __always_inline struct udphdr *parse_udp(struct cursor *cursor)
{
	struct udphdr *udp = cursor->at;

	if ((void *)(udp + 1) > cursor->end)
		return 0;
	cursor->at = udp + 1;
	return udp;
}

SEC("xdp")
int to_dns(struct xdp_md *ctx)
{
	struct cursor cursor = { (void *)(long)ctx->data + 14, (void *)(long)ctx->data_end };
	struct udphdr *udp;

	if (!parse_ip(&cursor))
		return XDP_DROP;
	udp = parse_udp(&cursor);
	return udp->dest == 0x3500 ? XDP_DROP : XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
