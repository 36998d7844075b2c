#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

struct counter {
	__u32 lock;
	__u32 packets;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct counter);
} counters SEC(".maps");

SEC("tc")
int count(struct __sk_buff *skb)
{
	__u32 key = 0;
	struct counter *counter = bpf_map_lookup_elem(&counters, &key);

	if (!counter)
		return 0;
	bpf_spin_lock((struct bpf_spin_lock *)&counter->lock); /* expect: special-field-missing */ /* cause: a number, not a lock */
	counter->packets++;
	bpf_spin_unlock((struct bpf_spin_lock *)&counter->lock);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
