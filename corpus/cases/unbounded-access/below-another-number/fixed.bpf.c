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
	__u32 used = skb->mark & 15, index = skb->priority;

	if (!row)
		return 0;
	if (index >= used)
		return 0;
	asm volatile("" : "+r"(index)); /* or the compiler drops the mask */
	return row->bytes[index & 15];
}

char LICENSE[] SEC("license") = "GPL";
