#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

struct key {
	__u8 class;
	__u8 band;
	__u16 queue;
};

struct counters {
	__u64 packets[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct key);
	__type(value, __u64);
} seen SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct counters);
} totals SEC(".maps");

SEC("tc")
int count(struct __sk_buff *skb)
{
	struct key key = {};
	struct counters *total;
	__u64 one = 1;
	__u32 zero = 0;

	key.class = skb->mark & 31; /* cause: 0..31, and there are 16 */
	key.band = skb->priority & 15;
	key.queue = skb->queue_mapping;
	bpf_map_update_elem(&seen, &key, &one, BPF_ANY);
	total = bpf_map_lookup_elem(&totals, &zero);
	if (!total)
		return TC_ACT_OK;
	total->packets[key.class]++; /* expect: map-value-bounds */
	return TC_ACT_OK;
}

char LICENSE[] SEC("license") = "GPL";
