#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct session {
	struct bpf_spin_lock lock;
	__u64 seen;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, struct session);
} sessions SEC(".maps");

SEC("tc")
int touch(struct __sk_buff *skb)
{
	__u32 key = skb->hash;
	struct session *session = bpf_map_lookup_elem(&sessions, &key);

	if (!session)
		return 0;
	bpf_spin_lock(&session->lock);
	session->seen += 1;
	bpf_spin_unlock(&session->lock);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
