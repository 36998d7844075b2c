#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

__s64 bpf_map_sum_elem_count(const struct bpf_map *map) __ksym;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u64);
} packets SEC(".maps");

__s64 entries;

SEC("tp_btf/sys_enter")
int measure(void *ctx)
{
	__u32 key = 0;
	__u64 *value = bpf_map_lookup_elem(&packets, &key);

	if (value)
		entries = bpf_map_sum_elem_count(&packets);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
