#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__u64 packets;

SEC("xdp")
int count(struct xdp_md *ctx)
{
	packets++;
} /* expect: uninitialized-register */ /* cause: nothing was returned */

char LICENSE[] SEC("license") = "GPL";
