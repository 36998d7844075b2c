#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

struct lengths {
	__u8 bin[16];
	__u64 *slot;
};

SEC("tc")
int count_lengths(struct __sk_buff *skb)
{
	volatile struct lengths seen = {};
	__u32 protocol = skb->protocol, at = skb->len & 31;
	__u64 *slot = bpf_map_lookup_elem(&counts, &protocol);

	if (!slot)
		return 0;
	seen.slot = slot;
	if (at < sizeof(seen.bin))
		seen.bin[at] = 1;
	*seen.slot += seen.bin[3];
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
