#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int mark(struct xdp_md *ctx)
{
	struct __sk_buff *skb = (void *)ctx;

	return skb->hash ? XDP_PASS : XDP_DROP; /* expect: context-access */ /* cause: no such field in this context */
}

char LICENSE[] SEC("license") = "GPL";
