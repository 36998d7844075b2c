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
	__u32 key = skb->ifindex, other = skb->mark;
	struct row *row = bpf_map_lookup_elem(&rows, &key), *same;

	if (!row)
		return 0;
	same = bpf_map_lookup_elem(&rows, &other);
	if (same != row) /* cause: row is not NULL, so same is not */
		return 0;
	asm volatile("" : "+r"(same));
	return same->bytes[1]; /* expect: map-value-or-null */
}

char LICENSE[] SEC("license") = "GPL";
