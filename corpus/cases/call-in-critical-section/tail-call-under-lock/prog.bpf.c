#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

struct counter {
	struct bpf_spin_lock lock;
	__u64 packets;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct counter);
} counters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u32);
} stages SEC(".maps");

SEC("tc")
int count_and_go_on(struct __sk_buff *skb)
{
	__u32 key = 0;
	struct counter *counter = bpf_map_lookup_elem(&counters, &key);

	if (!counter)
		return 0;
	bpf_spin_lock(&counter->lock);
	counter->packets++;
	bpf_tail_call(skb, &stages, 1); /* expect: call-in-critical-section */ /* cause: called while the lock is held */
	bpf_spin_unlock(&counter->lock);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
