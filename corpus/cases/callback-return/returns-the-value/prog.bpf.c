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

static long visit(void *map, __u32 *key, struct value *value, void *arg)
{
	value->index++;
	return (long)value; /* expect: callback-return */ /* cause: returns a pointer */
}

SEC("tc")
int walk(struct __sk_buff *skb)
{
	bpf_for_each_map_elem(&values, visit, 0, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
