#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} packets SEC(".maps");

SEC("tc")
int count(struct __sk_buff *skb)
{
	(*(__u64 *)&packets)++; /* expect: invalid-dereference */ /* cause: the map itself, not a value */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
