#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define BUCKETS 16

struct histogram {
	__u64 bucket[BUCKETS];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct histogram);
} sizes SEC(".maps");

SEC("tc")
int packet_sizes(struct __sk_buff *skb)
{
	__u32 key = 0, slot = skb->len / 64;
	struct histogram *hist = bpf_map_lookup_elem(&sizes, &key);

	if (!hist)
		return 0;
	if (slot > BUCKETS) /* cause: lets 16 pass, one too many */
		slot = BUCKETS;
	hist->bucket[slot]++; /* expect: map-value-bounds */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
