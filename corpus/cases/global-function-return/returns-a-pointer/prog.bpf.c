#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u64);
} packets SEC(".maps");

__attribute__((noinline)) __u64 *counter_of(__u32 protocol)
{
	return bpf_map_lookup_elem(&packets, &protocol);
}

SEC("tc")
int count(struct __sk_buff *skb)
{
	__u64 *counter = counter_of(skb->protocol & 15); /* expect: global-function-return */ /* cause: returns a pointer */

	if (counter)
		*counter += 1;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
