#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARENA);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 4); /* pages */
} arena SEC(".maps");

SEC("tc")
int remember(struct __sk_buff *skb)
{
	__u64 where = (__u64)&arena; /* expect: arena-capabilities */ /* cause: a map of type arena, and no CAP_PERFMON */

	asm volatile("" : : "r"(where));
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
