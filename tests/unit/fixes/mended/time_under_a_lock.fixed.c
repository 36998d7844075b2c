#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct seen {
	struct bpf_spin_lock lock;
	__u64 last;
	__u64 packets;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct seen);
} seen SEC(".maps");

SEC("tc")
int stamp(struct __sk_buff *skb)
{
	__u32 key = 0;
	struct seen *s = bpf_map_lookup_elem(&seen, &key);

	if (!s)
		return 0;
	__u64 now = bpf_ktime_get_ns();
	bpf_spin_lock(&s->lock);
	s->last = now;
	s->packets++;
	bpf_spin_unlock(&s->lock);
	bpf_printk("%llu packets", s->packets);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
