#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct flow {
	__u64 packets;
	__u64 bytes; /* new in this version */
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, struct flow);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
} flows SEC(".maps");

SEC("tc")
int count(struct __sk_buff *skb)
{
	struct flow first = {.packets = 1, .bytes = skb->len};
	__u32 hash = skb->hash;
	struct flow *flow = bpf_map_lookup_elem(&flows, &hash);

	if (flow) {
		__sync_fetch_and_add(&flow->packets, 1);
		__sync_fetch_and_add(&flow->bytes, skb->len);
	} else {
		bpf_map_update_elem(&flows, &hash, &first, BPF_NOEXIST);
	}
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
