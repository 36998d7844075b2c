#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("freplace/parse_options") /* cause: which program has it? bpf_program__set_attach_target() is to say it */
int parse_none(struct xdp_md *xdp) /* expect: attach-to-program */
{
	return XDP_PASS;
}
char LICENSE[] SEC("license") = "GPL";
