#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u64);
} waiting SEC(".maps");

__u64 packets, large;

SEC("tc")
int count(struct __sk_buff *skb)
{
	__u32 key = skb->hash;

	packets++;
	if (skb->len < 1000) {
		bpf_map_delete_elem(&waiting, &key);
		return 0;
	}
	large++;
	bpf_map_delete_elem(&waiting, &key);
	return 1;
}

char LICENSE[] SEC("license") = "GPL";
