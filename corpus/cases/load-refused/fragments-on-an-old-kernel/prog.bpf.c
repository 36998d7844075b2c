#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp.frags") /* cause: the flag BPF_F_XDP_HAS_FRAGS, which the kernel does not know */
int pass(struct xdp_md *ctx) /* expect: load-refused */
{
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
