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
	__u64 back = skb->mark & 7;

	if (!row)
		return 0;
	asm volatile("%[back] = -%[back]" : [back] "+r"(back)); /* cause: -7..0 */
	asm volatile("%[back] += 8" : [back] "+r"(back));
	return row->bytes[back]; /* expect: unbounded-access */
}

char LICENSE[] SEC("license") = "GPL";
