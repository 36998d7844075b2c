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
int pick(struct __sk_buff *skb)
{
	__u32 key = 0;
	struct value *value = bpf_map_lookup_elem(&values, &key);
	long i;

	if (!value)
		return 1;
	i = (int)value->index;
	if (i < -4 || i > 4)
		return 1;
	return value->table[16 + i] & 1; /* expect: speculative-pointer-arithmetic */ /* cause: may be wrong ahead of the check */
}

char LICENSE[] SEC("license") = "GPL";
