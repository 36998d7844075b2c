#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

struct bucket {
	struct bpf_spin_lock lock;
	__u64 tokens;
	__u64 last;
	__u64 dropped;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, struct bucket);
} buckets SEC(".maps");

#define BURST 100000
#define RATE 125

SEC("tc")
int police(struct __sk_buff *skb)
{
	__u32 key = skb->mark, length = skb->len;
	__u64 now = bpf_ktime_get_ns(), tokens;
	struct bucket *bucket = bpf_map_lookup_elem(&buckets, &key);

	if (!bucket)
		return TC_ACT_OK;
	bpf_spin_lock(&bucket->lock);
	tokens = bucket->tokens + (now - bucket->last) / 1000 * RATE;
	if (tokens > BURST)
		tokens = BURST;
	bucket->last = now;
	if (tokens < length) { /* cause: this way out keeps the lock */
		bucket->tokens = tokens;
		bucket->dropped++;
		return TC_ACT_SHOT;
	}
	bucket->tokens = tokens - length;
	bpf_spin_unlock(&bucket->lock);
	return TC_ACT_OK;
} /* expect: lock-still-held */

char LICENSE[] SEC("license") = "GPL";
