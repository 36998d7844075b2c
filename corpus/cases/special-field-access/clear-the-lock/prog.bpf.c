#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

struct counter {
	struct bpf_spin_lock lock;
	__u32 packets;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct counter);
} counters SEC(".maps");

SEC("tc")
int reset(struct __sk_buff *skb)
{
	__u32 key = 0;
	struct counter *counter = bpf_map_lookup_elem(&counters, &key);

	if (!counter)
		return 0;
	counter->lock.val = 0; /* expect: special-field-access */ /* cause: writes over the lock */
	counter->packets = 0;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
