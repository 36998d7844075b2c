#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct table {
	char entry[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct table);
} tables SEC(".maps");

SEC("cgroup_skb/egress")
int classify(struct __sk_buff *skb)
{
	__u32 zero = 0, i = skb->len & 15;
	struct table *table = bpf_map_lookup_elem(&tables, &zero);

	if (!table)
		return 1;
	table->entry[i] = 1;
	return table->entry[3] & 1;
}

char LICENSE[] SEC("license") = "GPL";
