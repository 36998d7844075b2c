#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include <linux/tcp.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

struct v6 {
	__u8 first[6];
	__u8 nexthdr;
	__u8 hops;
	__u8 addr[32];
};

struct ext {
	__u8 next;
	__u8 len;
};

SEC("xdp")
int walk(struct xdp_md *ctx)
{
	void *data_end = (void *)(long)ctx->data_end;
	void *data = (void *)(long)ctx->data;
	struct ethhdr *eth = data;
	struct v6 *ip6;
	void *pos;
	__u8 next;

	if ((void *)(eth + 1) > data_end)
		return XDP_PASS;
	if (eth->h_proto != bpf_htons(ETH_P_IPV6))
		return XDP_PASS;
	ip6 = (void *)(eth + 1);
	if ((void *)(ip6 + 1) > data_end)
		return XDP_PASS;
	next = ip6->nexthdr;
	pos = ip6 + 1;
	for (int round = 0; round < 16 && (next == 0 || next == 43 || next == 60); round++) {
		struct ext *e = pos;

		if ((void *)(e + 1) > data_end)
			return XDP_PASS;
		next = e->next;
		pos += (e->len + 1) * 8;
	}
	if (next == IPPROTO_UDP)
		return XDP_DROP;
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
