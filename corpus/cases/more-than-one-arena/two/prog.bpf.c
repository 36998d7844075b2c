#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARENA);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 10);
} names SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARENA);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 10);
} values SEC(".maps"); /* expect: more-than-one-arena */ /* cause: the second one */

void *bpf_arena_alloc_pages(void *map, void *address, __u32 pages, int node, __u64 flags) __ksym;

SEC("syscall")
int start(void *ctx)
{
	bpf_arena_alloc_pages(&names, NULL, 1, -1, 0);
	bpf_arena_alloc_pages(&values, NULL, 1, -1, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
