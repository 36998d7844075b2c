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

struct event {
	__u16 mss;
	__u8 wscale;
	__u8 pad;
	__u32 saddr;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, struct event);
} seen SEC(".maps");

SEC("xdp")
int syn_options(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip;
	struct tcphdr *tcp;
	struct event ev = {};
	__u8 *opt, *end;
	int i;

	if (data + sizeof(*eth) > data_end)
		return XDP_DROP;
	if (eth->h_proto != bpf_htons(ETH_P_IP))
		return XDP_PASS;
	ip = data + sizeof(*eth);
	if ((void *)(ip + 1) > data_end)
		return XDP_DROP;
	if (ip->protocol != IPPROTO_TCP)
		return XDP_PASS;
	tcp = (void *)(ip + 1);
	if ((void *)(tcp + 1) > data_end)
		return XDP_DROP;
	if (!tcp->syn)
		return XDP_PASS;

	opt = (__u8 *)(tcp + 1);
	end = (__u8 *)tcp + tcp->doff * 4;
	for (i = 0; i < 10; i++) {
		__u8 kind, len;

		if (opt >= end)
			break;
		if ((void *)(opt + 1) > data_end)
			break;
		kind = *opt;
		if (kind == 0)
			break;
		if (kind == 1) {
			opt++;
			continue;
		}
		if ((void *)(opt + 2) > data_end)
			break;
		len = opt[1];
		if (len < 2)
			break;
		if (kind == 2) {
			if ((void *)(opt + 4) > data_end)
				break;
			ev.mss = opt[2] << 8 | opt[3];
		}
		if (kind == 3) {
			if ((void *)(opt + 3) > data_end)
				break;
			ev.wscale = opt[2];
		}
		opt += len;
	}
	ev.saddr = ip->saddr;
	bpf_map_update_elem(&seen, &ev.saddr, &ev, BPF_ANY);
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
