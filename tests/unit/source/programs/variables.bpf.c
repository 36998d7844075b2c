#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct key {
	__u8 kind;
	__u64 id;
	__u16 port;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8);
	__type(key, struct key);
	__type(value, __u64);
} seen SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 3);
	__uint(key_size, 4);
	__uint(value_size, 24);
} a_map_with_a_rather_long_name SEC(".maps");

static __always_inline __u64 *find(struct key *wanted)
{
	return bpf_map_lookup_elem(&seen, wanted);
}

static __noinline int classify(const __u8 *bytes, int length)
{
	int found = 0;

	for (int i = 0; i < 8; i++) {
		if (i >= length)
			break;
		found += bytes[i] == 'x';
	}
	return found;
}

SEC("tc")
int look(struct __sk_buff *skb)
{
	struct key wanted = {};
	__u64 *count;
	__u8 head[8];

	wanted.kind = skb->protocol;
	wanted.id = skb->hash;
	count = find(&wanted);
	if (!count)
		return 0;
	*count += 1;
	if (bpf_skb_load_bytes(skb, 0, head, sizeof(head)))
		return 0;
	return classify(head, skb->len & 7);
}

SEC("tc")
int forget(struct __sk_buff *skb)
{
	__u64 *record = bpf_ringbuf_reserve(&events, sizeof(*record), 0);

	if (!record)
		return 0;
	*record = skb->len;
	if (skb->len > 4)
		return 0;
	bpf_ringbuf_submit(record, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
