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
int later(struct xdp_md *ctx)
{
	struct flow *f;
	__u32 key = ctx->rx_queue_index;

	f = bpf_map_lookup_elem(&flows, &key);
	if (!f)
		return XDP_PASS;
	/* counted first */
	key += 7;
	if (key > 9)
		return XDP_DROP;

	f->state += key;
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
