#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

struct limits {
	__u32 low;
	__u32 high;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct limits);
} config SEC(".maps");

SEC("tc")
int limit(struct __sk_buff *skb)
{
	struct limits *volatile limits = NULL;
	__u32 key = 0;

	bpf_map_lookup_elem(&config, &key);
	return skb->len > limits->high ? 2 : 0; /* expect: null-dereference */ /* cause: never given a pointer */
}

char LICENSE[] SEC("license") = "GPL";
