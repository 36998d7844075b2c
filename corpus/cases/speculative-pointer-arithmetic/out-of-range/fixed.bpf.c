#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct value {
	__u32 index;
	char table[28];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct value);
} values SEC(".maps");

SEC("cgroup_skb/egress")
int pick(struct __sk_buff *skb)
{
	__u32 key = 0, index;
	struct value *value = bpf_map_lookup_elem(&values, &key);

	if (!value)
		return 1;
	index = value->index & 63;
	if (index >= sizeof(value->table))
		return 1;
	return value->table[index] & 1;
}

char LICENSE[] SEC("license") = "GPL";
