#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct page {
	char bytes[4096];
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

	if (page)
		__builtin_memset(page, 0, sizeof(*page)); /* expect: unsupported-builtin */ /* cause: too many bytes to write one by one */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
