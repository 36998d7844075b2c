#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

struct limit {
	struct bpf_spin_lock lock;
	__u64 tokens;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct limit);
} buckets SEC(".maps");

__attribute__((noinline)) __u64 refill(__u64 tokens)
{
	return tokens < 1000 ? tokens + 1 : tokens;
}

SEC("tc")
int limit(struct __sk_buff *skb)
{
	__u32 key = 0;
	struct limit *bucket = bpf_map_lookup_elem(&buckets, &key);

	if (!bucket)
		return 0;
	bpf_spin_lock(&bucket->lock);
	bucket->tokens = refill(bucket->tokens); /* expect: call-in-critical-section */ /* cause: called while the lock is held */
	bpf_spin_unlock(&bucket->lock);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
