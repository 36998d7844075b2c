#include "shared.h"

struct event {
	__u8 kind;
	__u32 id;
	__u64 when;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8);
	__type(key, struct event);
	__type(value, __u64);
} seen SEC(".maps");

/* Stack bytes written in pieces, by the program and by a helper; a scalar is checked in 32 bits only. */
SEC("tc")
int padded(struct __sk_buff *skb)
{
	struct event event;
	char name[16];
	__u64 *count, sum = 0;
	__s32 at = skb->mark;

	event.kind = 2;
	event.id = skb->len;
	event.when = bpf_ktime_get_ns();
	bpf_skb_load_bytes(skb, 0, name, sizeof(name));
	count = bpf_map_lookup_elem(&seen, &event);
	if (count)
		sum = *count;
	if (at > 12)
		return 0;
	if (name[3] == 'x')
		sum += name[at];
	return sum;
}
