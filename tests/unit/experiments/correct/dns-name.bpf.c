/* Hashes the first label of a DNS question. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include <linux/in.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, __u64);
} names SEC(".maps");

SEC("xdp")
int count_name(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	struct udphdr *udp = (void *)(ip + 1);
	__u8 *name = (__u8 *)(udp + 1) + 12;
	__u32 hash = 5381, i, len;
	__u64 one = 1;

	if ((void *)(name + 1) > end || ip->protocol != IPPROTO_UDP || udp->dest != bpf_htons(53))
		return XDP_PASS;
	len = name[0];
	if (len > 63 || (void *)(name + 1 + len) > end)
		return XDP_PASS;
	for (i = 0; i < len; i++)
		hash = hash * 33 + name[1 + i];
	bpf_map_update_elem(&names, &hash, &one, BPF_ANY);
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
