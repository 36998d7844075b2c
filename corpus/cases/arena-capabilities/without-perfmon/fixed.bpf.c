#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, __u64);
} shared SEC(".maps");

SEC("tc")
int remember(struct __sk_buff *skb)
{
	__u32 key = 0;
	__u64 *last = bpf_map_lookup_elem(&shared, &key);

	if (last)
		*last = skb->len;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
