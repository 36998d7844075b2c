#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 16);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(key_size, 8);
	__uint(value_size, 8);
} routes SEC(".maps");

static long visit(void *map, void *key, __u64 *value, __u64 *sum)
{
	*sum += *value;
	return 0;
}

SEC("tc")
int total(struct __sk_buff *skb)
{
	__u64 sum = 0;

	bpf_for_each_map_elem(&routes, visit, &sum, 0); /* expect: callback-map */ /* cause: a trie cannot be walked */
	return sum & 1;
}

char LICENSE[] SEC("license") = "GPL";
