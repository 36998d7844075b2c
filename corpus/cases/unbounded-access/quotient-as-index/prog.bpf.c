#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct row {
	__u8 bytes[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, struct row);
} rows SEC(".maps");

SEC("tc")
int pick(struct __sk_buff *skb)
{
	__u32 key = skb->ifindex;
	struct row *row = bpf_map_lookup_elem(&rows, &key);
	__u64 tenth = bpf_ktime_get_ns() / 0x1000000000000007; /* cause: 0..15, which the verifier does not work out */

	if (!row)
		return 0;
	return row->bytes[tenth]; /* expect: unbounded-access */
}

char LICENSE[] SEC("license") = "GPL";
