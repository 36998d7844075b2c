#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

struct account {
	struct bpf_spin_lock lock;
	__u64 last;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, struct account);
} accounts SEC(".maps");

SEC("tc")
int count(struct __sk_buff *skb)
{
	__u32 key = skb->mark;
	struct account *a = bpf_map_lookup_elem(&accounts, &key);
	__u64 now;

	if (!a)
		return TC_ACT_OK;
	__u64 now_copy = bpf_ktime_get_ns();
	bpf_spin_lock(&a->lock);
	now = now_copy; // of this packet
	a->last = now;
	bpf_spin_unlock(&a->lock);
	return TC_ACT_OK;
}

char LICENSE[] SEC("license") = "GPL";
