#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, __u64);
} limits SEC(".maps");

SEC("setup") /* cause: libbpf sets BPF_F_SLEEPABLE for "syscall" only */
int fill_limits(void *ctx) /* expect: must-be-sleepable */
{
	__u32 key = 3;
	__u64 limit = 1000;

	return bpf_map_update_elem(&limits, &key, &limit, BPF_ANY);
}

char LICENSE[] SEC("license") = "GPL";
