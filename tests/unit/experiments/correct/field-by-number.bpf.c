/* One of the packet's properties, by number, is counted. */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

const volatile int field = 0;
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, __u64);
} seen SEC(".maps");

static __always_inline __u32 value_of(struct __sk_buff *skb)
{
	switch (field) {
	case 0:
		return skb->mark;
	case 1:
		return skb->ifindex;
	case 2:
		return skb->queue_mapping;
	case 3:
		return skb->vlan_tci;
	case 4:
		return skb->hash;
	}
	return skb->priority;
}

SEC("tc")
int count_by(struct __sk_buff *skb)
{
	__u32 key = value_of(skb);
	__u64 *count, one = 1;

	count = bpf_map_lookup_elem(&seen, &key);
	if (count)
		__sync_fetch_and_add(count, 1);
	else
		bpf_map_update_elem(&seen, &key, &one, BPF_ANY);
	return TC_ACT_OK;
}

char LICENSE[] SEC("license") = "GPL";
