#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct flow {
	__u32 interface;
	__u32 mark;
	__u16 protocol;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct flow);
	__type(value, __u64);
} flows SEC(".maps");

SEC("tc")
int count_flow(struct __sk_buff *skb)
{
	struct flow key;
	__u64 *packets;

	key.interface = skb->ifindex;
	key.protocol = skb->protocol;
	packets = bpf_map_lookup_elem(&flows, &key); /* expect: uninitialized-stack */ /* cause: mark was never written */
	if (packets)
		(*packets)++;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
