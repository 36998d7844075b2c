#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} settings SEC(".maps");

__attribute__((noinline)) __u64 setting(__u32 which)
{
	return (__u64)bpf_map_lookup_elem(&settings, &which); /* expect: global-function-return */ /* cause: returns an address */
}

SEC("tc")
int apply(struct __sk_buff *skb)
{
	return setting(skb->mark) != 0;
}

char LICENSE[] SEC("license") = "GPL";
