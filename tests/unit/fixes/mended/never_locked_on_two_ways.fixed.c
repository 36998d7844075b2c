#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct bucket {
	struct bpf_spin_lock lock;
	__u32 tokens;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, struct bucket);
} buckets SEC(".maps");

SEC("tc")
int limit(struct __sk_buff *skb)
{
	__u32 key = skb->hash & 15;
	struct bucket *bucket = bpf_map_lookup_elem(&buckets, &key);

	if (!bucket)
		return 0;
	bpf_spin_lock(&bucket->lock);
	if (!bucket->tokens) {
		bpf_spin_unlock(&bucket->lock);
		return 2;
	}
	bucket->tokens -= 1;
	bpf_spin_unlock(&bucket->lock);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
