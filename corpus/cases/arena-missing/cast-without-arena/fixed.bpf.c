#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARENA);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 4); /* pages */
} arena SEC(".maps");

extern void *bpf_arena_alloc_pages(void *map, void *addr, __u32 pages, int node, __u64 flags) __ksym __weak;

SEC("syscall")
int first(void *ctx)
{
	__u8 *page = bpf_arena_alloc_pages(&arena, NULL, 1, -1, 0);

	if (!page)
		return 0;
	/* r1 = addr_space_cast(r1, 0, 1), what clang writes for `__arena` pointers */
	asm volatile("r1 = %[page]; .8byte 0x00000001000111bf; %[page] = r1" : [page] "+r"(page) : : "r1");
	return *page;
}

char LICENSE[] SEC("license") = "GPL";
