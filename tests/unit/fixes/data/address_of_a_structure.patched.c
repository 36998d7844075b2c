#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct event {
	__u32 hash;
	__u32 len;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, struct event);
} seen SEC(".maps");

SEC("tc")
int note(struct __sk_buff *skb)
{
	struct event event = { .hash = skb->hash, .len = skb->len };

	bpf_map_update_elem(&seen, &event.hash, &event, BPF_ANY);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
