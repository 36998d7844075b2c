#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct value {
	__u64 last;
	__u32 index;
	__u32 spare;
	char table[32];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct value);
} values SEC(".maps");

SEC("cgroup_skb/egress")
int same(struct __sk_buff *skb)
{
	__u32 first = 0, second = skb->len;
	struct value *a = bpf_map_lookup_elem(&values, &first);
	struct value *b = bpf_map_lookup_elem(&values, &second);

	if (!a || !b)
		return 1;
	return a == b; /* expect: pointer-comparison */ /* cause: compares two addresses */
}

char LICENSE[] SEC("license") = "GPL";
