#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int filter(struct xdp_md *ctx)
{
	__u8 version = 0;

	bpf_skb_load_bytes(ctx, ETH_HLEN, &version, 1); /* expect: helper-not-allowed */ /* cause: not for XDP */
	return version >> 4 == 4 ? XDP_PASS : XDP_DROP;
}

char LICENSE[] SEC("license") = "GPL";
