#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} limit SEC(".maps");

__attribute__((noinline)) int over(__u64 bytes)
{
	return bytes > 1500;
}

SEC("tc")
int check(struct __sk_buff *skb)
{
	__u32 zero = 0;
	__u64 *bytes = bpf_map_lookup_elem(&limit, &zero);

	return over((__u64)bytes); /* expect: scalar-argument-expected */ /* cause: a pointer for a number */
}

char LICENSE[] SEC("license") = "GPL";
