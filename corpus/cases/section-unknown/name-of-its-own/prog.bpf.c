#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp_filter_func") /* expect: section-unknown */ /* cause: no such section */
int filter(struct xdp_md *ctx)
{
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
