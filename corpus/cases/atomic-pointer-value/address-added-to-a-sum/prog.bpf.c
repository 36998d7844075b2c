#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} last SEC(".maps");

SEC("socket")
int note(struct __sk_buff *skb)
{
	__u32 key = 0;
	__u64 *value = bpf_map_lookup_elem(&last, &key);

	if (value)
		__sync_fetch_and_add(value, (__u64)skb); /* expect: atomic-pointer-value */ /* cause: adds an address */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
