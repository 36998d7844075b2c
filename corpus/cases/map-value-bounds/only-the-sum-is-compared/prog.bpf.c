#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define SIZE 256

struct page {
	__u8 bytes[SIZE];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct page);
} pages SEC(".maps");

SEC("tc")
int sum(struct __sk_buff *skb)
{
	__u32 zero = 0, used = skb->mark, more = skb->priority;
	struct page *page = bpf_map_lookup_elem(&pages, &zero);

	if (!page || used > SIZE || more > SIZE)
		return 0;
	if (used + more > SIZE) /* cause: of the sum only */
		return 0;
	skb->cb[0] = bpf_csum_diff(0, 0, (__be32 *)(page->bytes + used), more, 0); /* expect: map-value-bounds */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
