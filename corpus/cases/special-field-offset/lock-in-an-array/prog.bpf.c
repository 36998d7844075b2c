#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

struct table {
	struct bpf_spin_lock lock;
	__u32 slots[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct table);
} tables SEC(".maps");

SEC("tc")
int count(struct __sk_buff *skb)
{
	__u32 key = 0, slot = skb->hash & 15;
	struct table *table = bpf_map_lookup_elem(&tables, &key);

	if (!table)
		return 0;
	bpf_spin_lock((void *)&table->slots[slot]); /* expect: special-field-offset */ /* cause: the lock is not there */
	table->slots[slot]++;
	bpf_spin_unlock(&table->lock);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
