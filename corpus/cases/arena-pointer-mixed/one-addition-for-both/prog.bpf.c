#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARENA);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 10);
} arena SEC(".maps");

void *bpf_arena_alloc_pages(void *map, void *address, __u32 pages, int node, __u64 flags) __ksym;

SEC("syscall")
int first(void *ctx)
{
	__u64 shared = (__u64)bpf_arena_alloc_pages(&arena, NULL, 1, -1, 0), number = bpf_ktime_get_ns();

	/* addr_space_cast(r1, 0, 1) makes r1 an arena pointer; then one addition for that or a number */
	asm volatile("r1 = %[shared]; .8byte 0x00000001000111bf; if %[number] == 0 goto +1; r1 = %[number]; r1 += 8" /* expect: arena-pointer-mixed */ /* cause: one addition for a pointer and a number */
		     : : [shared] "r"(shared), [number] "r"(number) : "r1");
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
