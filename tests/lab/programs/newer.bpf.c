#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

static long step(__u32 index, void *context)
{
	return 0;
}

SEC("xdp")
int loops(struct xdp_md *ctx)
{
	bpf_loop(8, step, 0, 0);
	return XDP_PASS;
}

SEC("fentry/no_such_function_anywhere")
int nowhere(void *ctx)
{
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
