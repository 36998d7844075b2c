#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/tcp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define MAX_OPTIONS 10
#define OPT_END 0
#define OPT_NOP 1
#define OPT_MSS 2

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 256);
	__type(key, __u32);
	__type(value, __u64);
} kinds SEC(".maps");

__u16 mss_limit = 1400;

SEC("xdp")
int clamp_mss(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	struct tcphdr *tcp = (void *)(ip + 1);
	__u8 *option;
	__u64 *count;
	__u32 kind;
	int i;

	if ((void *)(tcp + 1) > data_end)
		return XDP_PASS;
	if (eth->h_proto != bpf_htons(ETH_P_IP) || ip->protocol != IPPROTO_TCP || ip->ihl != 5)
		return XDP_PASS;
	if (!tcp->syn)
		return XDP_PASS;
	option = (__u8 *)(tcp + 1);
	for (i = 0; i < MAX_OPTIONS; i++) {
		if ((void *)(option + 4) > data_end)
			break;
		kind = option[0];
		count = bpf_map_lookup_elem(&kinds, &kind);
		if (count)
			*count += 1;
		if (kind == OPT_END)
			break;
		if (kind == OPT_NOP) {
			option++;
			continue;
		}
		if (kind == OPT_MSS) {
			__be16 *mss = (__be16 *)(option + 2);

			if (bpf_ntohs(*mss) > mss_limit)
				*mss = bpf_htons(mss_limit);
			break;
		}
		option += option[1] & 0x3f;
	}
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
