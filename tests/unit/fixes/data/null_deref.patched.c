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
int null_deref(struct xdp_md *ctx)
{
	__u32 key = 3; __u32 *word = bpf_map_lookup_elem(&flows, &key);

	if (!word)
		return XDP_PASS;
	return ctx->rx_queue_index ? *word : 2;
}

char LICENSE[] SEC("license") = "GPL";
