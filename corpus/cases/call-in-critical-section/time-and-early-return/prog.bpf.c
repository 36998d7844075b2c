#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

#define BURST 1000

struct bucket {
	struct bpf_spin_lock lock;
	__u32 tokens;
	__u64 last;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 256);
	__type(key, __u32);
	__type(value, struct bucket);
} buckets SEC(".maps");

SEC("tc")
int police(struct __sk_buff *skb)
{
	__u32 key = skb->mark;
	struct bucket *b;
	__u64 now, add;

	b = bpf_map_lookup_elem(&buckets, &key);
	if (!b)
		return TC_ACT_OK;
	bpf_spin_lock(&b->lock);
	now = bpf_ktime_get_ns(); /* expect: call-in-critical-section */ /* cause: the lock is held */
	add = (now - b->last) >> 20;
	if (add) {
		b->tokens = b->tokens + add > BURST ? BURST : b->tokens + add;
		b->last = now;
	}
	if (b->tokens == 0)
		return TC_ACT_SHOT;
	b->tokens--;
	bpf_spin_unlock(&b->lock);
	return TC_ACT_OK;
}

char _license[] SEC("license") = "GPL";
