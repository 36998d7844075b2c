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
	__u64 index = skb->mark;

	if (!row)
		return 0;
	asm volatile("*(u64 *)(r10 - 16) = %[index]" : : [index] "r"(index) : "memory"); /* cause: from here on two numbers for the verifier */
	if (index > 15)
		return 0;
	asm volatile("%[index] = *(u64 *)(r10 - 16)" : [index] "=r"(index) : : "memory");
	return row->bytes[index]; /* expect: unbounded-access */
}

char LICENSE[] SEC("license") = "GPL";
