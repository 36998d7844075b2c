#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

SEC("xdp")
int body(struct xdp_md *ctx)
{
	if (ctx->rx_queue_index > 2) { __u32 key = 7; return bpf_map_delete_elem(&counts, &key); }
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
