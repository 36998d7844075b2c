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
int argument(struct xdp_md *ctx)
{
	__u32 key = 3;
	char *name = bpf_map_lookup_elem(&flows, &key);

	if (!name)
		return XDP_PASS;
	bpf_map_update_elem(&flows, &key, name, BPF_ANY);
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
