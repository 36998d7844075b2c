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
	__u64 index = skb->mark, low;

	if (!row)
		return 0;
	asm volatile("r0 = %[index]; w1 = w0; %[low] = r1" : [low] "=r"(low) : [index] "r"(index) : "r0", "r1"); /* cause: the copy counts as another number */
	if (low > 15)
		return 0;
	return row->bytes[index]; /* expect: unbounded-access */
}

char LICENSE[] SEC("license") = "GPL";
