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
int index_of_a_field(struct xdp_md *ctx)
{
	struct flow *f;
	__u32 key = 1;

	f = bpf_map_lookup_elem(&flows, &key);
	if (!f)
		return 0;
	if (f->state >= 8)
		return XDP_PASS;
	return f->sums[f->state];
}

char LICENSE[] SEC("license") = "GPL";
