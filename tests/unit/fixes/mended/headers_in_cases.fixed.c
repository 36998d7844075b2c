#include <linux/bpf.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/ipv6.h>
#include <bpf/bpf_helpers.h>

static __always_inline int upper(void *data, void *data_end, __u32 off, __u8 next)
{
	for (int i = 0; i < 4; i++) {
		struct ipv6_opt_hdr *hdr = data + off;

		switch (next) {
		case IPPROTO_HOPOPTS:
		case IPPROTO_DSTOPTS:
			if ((void *)(hdr + 1) > data_end)
				return -1;
			off += (hdr->hdrlen + 1) * 8;
			next = hdr->nexthdr;
			break;
		case IPPROTO_FRAGMENT:
			off += 8;
			if ((void *)(hdr + 1) > data_end)
				return -1;
			next = hdr->nexthdr;
			break;
		default:
			return next;
		}
	}
	return -1;
}

SEC("xdp")
int only_tcp(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct ipv6hdr *ip = data + 14;

	if ((void *)(ip + 1) > data_end)
		return XDP_PASS;
	return upper(data, data_end, 54, ip->nexthdr) == IPPROTO_TCP ? XDP_PASS : XDP_DROP;
}

char LICENSE[] SEC("license") = "GPL";
