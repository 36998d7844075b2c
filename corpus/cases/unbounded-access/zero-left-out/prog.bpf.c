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
	__u64 count = skb->mark & 15;

	if (!row)
		return 0;
	if (count == 0) /* cause: so one less is not negative */
		return 0;
	asm volatile("%[count] += -1" : [count] "+r"(count));
	return row->bytes[count]; /* expect: unbounded-access */
}

char LICENSE[] SEC("license") = "GPL";
