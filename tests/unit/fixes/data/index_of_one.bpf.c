#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} words SEC(".maps");
__u32 wanted;

SEC("xdp")
int one(struct xdp_md *ctx)
{
	__u32 key = 0, at = wanted;
	__u32 *word = bpf_map_lookup_elem(&words, &key);

	if (!word)
		return XDP_PASS;
	return word[at];
}

char LICENSE[] SEC("license") = "GPL";
