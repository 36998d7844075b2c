#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, char[64]);
} texts SEC(".maps");

SEC("tc")
int compare(struct __sk_buff *skb)
{
	__u32 one = 0, two = 1;
	char *first = bpf_map_lookup_elem(&texts, &one), *second = bpf_map_lookup_elem(&texts, &two);
	struct bpf_dynptr view;
	struct bpf_dynptr other;
	char *a, *b;

	if (!first || !second)
		return 0;
	bpf_dynptr_from_mem(first, 64, 0, &view);
	a = bpf_dynptr_data(&view, 0, 8);
	if (!a)
		return 0;
	bpf_dynptr_from_mem(second, 64, 0, &other);
	b = bpf_dynptr_data(&other, 0, 8);
	if (!b)
		return 0;
	return *a == *b;
}

char LICENSE[] SEC("license") = "GPL";
