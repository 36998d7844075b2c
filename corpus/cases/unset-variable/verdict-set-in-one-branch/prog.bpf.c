#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int first_queue_only(struct xdp_md *ctx)
{
	int verdict;

	if (ctx->rx_queue_index) /* expect: unset-variable */ /* cause: not set otherwise */
		verdict = XDP_DROP;
	return verdict;
}

char LICENSE[] SEC("license") = "GPL";
