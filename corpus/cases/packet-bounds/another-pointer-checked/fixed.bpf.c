#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int drop_empty(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *data_end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	void *options, *payload;

	if ((void *)(ip + 1) > data_end)
		return XDP_PASS;
	options = (void *)ip + ip->ihl * 4;
	payload = (void *)ip + (ip->tot_len & 0xff);
	if (options + 8 > data_end)
		return XDP_PASS;
	if ((void *)((__u16 *)payload + 1) > data_end)
		return XDP_PASS;
	if (*(__u16 *)payload == 0)
		return XDP_DROP;
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
