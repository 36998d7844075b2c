#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct full {
	__u64 packets;
	__u64 bytes;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u64);
} flows SEC(".maps");

SEC("tc")
int count(struct __sk_buff *skb)
{
	__u32 key = skb->hash;
	struct full *flow = bpf_map_lookup_elem(&flows, &key);

	if (flow)
		flow->bytes += skb->len; /* expect: map-value-bounds */ /* cause: the value has 8 bytes only */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
