#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

struct counter {
	struct bpf_spin_lock lock;
	__u64 packets, bytes;
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
	__u32 key = 0, length = skb->len;
	struct counter *counter = bpf_map_lookup_elem(&counters, &key);

	if (!counter)
		return 0;
	bpf_spin_lock(&counter->lock);
	counter->packets++;
	bpf_spin_unlock(&counter->lock); /* cause: given back here already */
	counter->bytes += length;
	bpf_spin_unlock(&counter->lock); /* expect: unlock-without-lock */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
