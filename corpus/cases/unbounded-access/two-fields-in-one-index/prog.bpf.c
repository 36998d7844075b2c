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
	__u64 low = skb->mark & 7, high = skb->priority & 8;

	if (!row)
		return 0;
	asm volatile("%[low] |= %[high]" : [low] "+r"(low) : [high] "r"(high)); /* cause: 0..15 */
	return row->bytes[low]; /* expect: unbounded-access */
}

char LICENSE[] SEC("license") = "GPL";
