#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, __u64);
} limits SEC(".maps");

__u64 misses;

SEC("xdp")
int limit(struct xdp_md *ctx)
{
	__u32 queue = ctx->rx_queue_index;
	__u64 *most = bpf_map_lookup_elem(&limits, &queue);

	if (!most)
		__sync_fetch_and_add(&misses, 1);
	if (!most)
		return XDP_PASS;
	return *most > 100 ? XDP_DROP : XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
