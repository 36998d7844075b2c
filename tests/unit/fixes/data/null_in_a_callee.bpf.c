#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

static __noinline void grow(__u64 *count)
{
	*count += 1;
}

SEC("xdp")
int callee(struct xdp_md *ctx)
{
	__u32 key = 1;
	__u64 *count = bpf_map_lookup_elem(&counts, &key);

	grow(count);
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
