#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

struct session {
	struct bpf_spin_lock lock;
	char name[12];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct session);
} sessions SEC(".maps");

SEC("tc")
int from_packet(struct __sk_buff *skb)
{
	__u32 key = 0;
	struct session *session = bpf_map_lookup_elem(&sessions, &key);

	if (!session)
		return 0;
	bpf_skb_load_bytes(skb, 0, session, sizeof(*session)); /* expect: special-field-access */ /* cause: writes over the lock */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
