#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct page {
	__u64 words[512];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct page);
} pages SEC(".maps");

SEC("tc")
int clear(struct __sk_buff *skb)
{
	__u32 zero = 0;
	struct page *page = bpf_map_lookup_elem(&pages, &zero);
	volatile __u64 *word; /* volatile: or the compiler makes it a memset again */
	int i;

	if (!page)
		return 0;
	word = page->words;
	for (i = 0; i < 512; i++)
		word[i] = 0;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
