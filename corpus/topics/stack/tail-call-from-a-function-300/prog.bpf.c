#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} next SEC(".maps");

static __attribute__((noinline)) int jump(struct xdp_md *ctx)
{
	bpf_tail_call(ctx, &next, 0);
	return 0;
}

SEC("xdp")
int entry(struct xdp_md *ctx)
{
	volatile char own[300] = {};

	own[ctx->ingress_ifindex & 127] = 1;
	return own[ctx->rx_queue_index & 127] + jump(ctx);
}

char LICENSE[] SEC("license") = "GPL";
