#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

struct cursor {
	__u64 *slot;
	__u64 left;
};

SEC("xdp")
int count_queue(struct xdp_md *xdp)
{
	volatile struct cursor at;
	__u32 queue = xdp->rx_queue_index;
	__u64 *slot = bpf_map_lookup_elem(&counts, &queue);

	if (!slot)
		return XDP_PASS;
	at.slot = slot;
	at.left = 1;
	__sync_fetch_and_add((__u64 *)&at.left, 8);
	*at.slot += at.left;
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
