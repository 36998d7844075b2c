#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

struct counter {
	struct bpf_spin_lock lock;
	__u32 packets;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(struct counter));
} counters SEC(".maps");

SEC("tc")
int count(struct __sk_buff *skb)
{
	__u32 key = 0;
	struct counter *counter = bpf_map_lookup_elem(&counters, &key);

	if (!counter)
		return 0;
	bpf_spin_lock(&counter->lock); /* expect: map-without-value-type */ /* cause: the map's value has no type */
	counter->packets++;
	bpf_spin_unlock(&counter->lock);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
