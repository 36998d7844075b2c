#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct counter {
	struct bpf_spin_lock lock;
	__u64 bytes;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct counter);
} counters SEC(".maps");

static __always_inline void add(struct counter *counter, __u32 bytes)
{
	counter->bytes += bytes;
}

SEC("tc")
int count(struct __sk_buff *skb)
{
	__u32 key = 0;
	struct counter *counter = bpf_map_lookup_elem(&counters, &key);

	if (!counter)
		return 0;
	bpf_spin_lock(&counter->lock);
	add(counter, skb->len);
	bpf_spin_unlock(&counter->lock);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
