/* The key is the interface that the packet comes from, or the one it goes to. */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 256);
	__type(key, __u32);
	__type(value, __u64);
} seen SEC(".maps");

SEC("tc")
int count(struct __sk_buff *skb)
{
	__u32 key = skb->ingress_ifindex ? skb->ifindex : skb->queue_mapping;
	__u64 *count = bpf_map_lookup_elem(&seen, &key);

	if (count)
		(*count)++;
	return TC_ACT_OK;
}

char LICENSE[] SEC("license") = "GPL";
