#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64);
} counters SEC(".maps");

static long add(void *map, __u32 *key, __u64 *value, __u64 *sum)
{
	*sum += *value;
	return 0;
}

SEC("tc")
int total(struct __sk_buff *skb)
{
	__u64 sum = 0;

	bpf_for_each_map_elem(&counters, add, &sum, 0); /* expect: func-info-wrong */ /* cause: a callback, on a kernel that knows none */
	return sum & 1;
}

char LICENSE[] SEC("license") = "GPL";
