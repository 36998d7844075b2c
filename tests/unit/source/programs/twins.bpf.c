#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u64);
} hits SEC(".maps");

SEC("socket")
int checked(struct __sk_buff *skb)
{
	__u32 slot = 0;
	__u64 *hit;

	hit = bpf_map_lookup_elem(&hits, &slot);
	if (!hit)
		return 0;
	*hit += skb->len;
	return 0;
}

SEC("socket")
int unchecked(struct __sk_buff *skb)
{
	__u32 slot = 1;
	__u64 *hit;

	hit = bpf_map_lookup_elem(&hits, &slot);
	*hit += skb->len;
	return 0;
}

SEC("socket")
int twice(struct __sk_buff *skb)
{
	__u32 slot = skb->mark;
	__u64 *hit;

	hit = bpf_map_lookup_elem(&hits, &slot);
	if (!hit)
		return 0;
	*hit += skb->len;
	slot = skb->priority;
	hit = bpf_map_lookup_elem(&hits, &slot);
	*hit += skb->len;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
