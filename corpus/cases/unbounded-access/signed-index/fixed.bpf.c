#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define SLOTS 64

struct table {
	__u64 slot[SLOTS];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct table);
} tables SEC(".maps");

SEC("tc")
int count_marks(struct __sk_buff *skb)
{
	__u32 key = 0;
	int at = skb->mark;
	struct table *table = bpf_map_lookup_elem(&tables, &key);

	if (!table)
		return 0;
	if (at >= 0 && at < SLOTS)
		table->slot[at]++;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
