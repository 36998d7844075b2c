#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define REACH 8

struct histogram {
	__u64 seen;
	int drift;
	__u8 bins[2 * REACH + 1];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct histogram);
} drifts SEC(".maps");

SEC("tc")
int count_drift(struct __sk_buff *skb)
{
	__u32 key = 0;
	struct histogram *h = bpf_map_lookup_elem(&drifts, &key);
	long drift;

	if (!h)
		return 0;
	drift = h->drift;
	if (drift < -REACH || drift > REACH) /* cause: -8 is huge as an unsigned number */
		return 0;
	h->bins[REACH + drift]++; /* expect: unbounded-access */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
