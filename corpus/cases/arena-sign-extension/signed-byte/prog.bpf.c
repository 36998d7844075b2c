#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#define __arena __attribute__((address_space(1)))

struct {
	__uint(type, BPF_MAP_TYPE_ARENA);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 4); /* pages */
} arena SEC(".maps");

void __arena *bpf_arena_alloc_pages(void *map, void __arena *addr, __u32 pages, int node, __u64 flags) __ksym __weak;

SEC("syscall")
int first(void *ctx)
{
	signed char __arena *page = bpf_arena_alloc_pages(&arena, 0, 1, -1, 0);

	if (!page)
		return 0;
	return *page; /* expect: arena-sign-extension */ /* cause: a signed byte */
}

char LICENSE[] SEC("license") = "GPL";
