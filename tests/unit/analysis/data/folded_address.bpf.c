#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_helpers.h>
SEC("xdp")
int f(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	unsigned char mac[6];
	if (data + sizeof(*eth) > end)
		return XDP_PASS;
	__builtin_memcpy(mac, eth->h_source, 6);
	__builtin_memcpy(mac, 0, 6);
	__builtin_memcpy(eth->h_dest, mac, 6);
	return XDP_TX;
}
char LICENSE[] SEC("license") = "GPL";
