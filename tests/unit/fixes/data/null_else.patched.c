#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct flow {
	__u32 state;
	__u32 sums[8];
	char name[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, struct flow);
} flows SEC(".maps");

SEC("xdp")
int branch(struct xdp_md *ctx)
{
	__u32 key = 3;
	struct flow *f = bpf_map_lookup_elem(&flows, &key); // maybe none

	if (!f)
		return XDP_PASS;
	if (ctx->rx_queue_index > 4)
		return XDP_DROP;
	else
		f->state = 1;
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
