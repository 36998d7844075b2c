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
	if (at < sizeof(seen))
		seen.bin[at] = 1; /* cause: may be a byte of the pointer behind the array */
	*seen.slot += seen.bin[3]; /* expect: spilled-pointer-overwritten */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
