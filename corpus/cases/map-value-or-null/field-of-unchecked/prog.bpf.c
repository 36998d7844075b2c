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

SEC("tc")
int touch(struct __sk_buff *skb)
{
	__u32 key = 0;
	struct value *value = bpf_map_lookup_elem(&values, &key);
	char *table = value->table; /* expect: map-value-or-null */ /* cause: moved before it was compared with NULL */

	table[skb->len & 7] = 1;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
