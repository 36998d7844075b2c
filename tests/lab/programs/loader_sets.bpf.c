/* What its loader sets before it loads: the type of an old section, the size of a map, the maps in a map. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u32);
	__type(value, __u64);
} seen SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__type(key, __u32);
	__uint(max_entries, 8);
} inner SEC(".maps");

SEC("xdp_count") int count(struct xdp_md *ctx)
{
	__u32 key = 0;
	__u64 one = 1;
	void *map = bpf_map_lookup_elem(&inner, &key);

	if (map)
		bpf_map_lookup_elem(map, &key);
	bpf_map_update_elem(&seen, &key, &one, 0);
	return XDP_PASS;
}

SEC("tcx/ingress") int pass(struct __sk_buff *skb)
{
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
