#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARENA);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 10);
} arena SEC(".maps");

void *bpf_arena_alloc_pages(void *map, void *address, __u32 pages, int node, __u64 flags) __ksym;

__u64 mine;

SEC("syscall")
int first(void *ctx)
{
	__u64 *local = &mine, *shared = bpf_arena_alloc_pages(&arena, NULL, 1, -1, 0), value = 0;

	/* r1 = addr_space_cast(r1, 0, 1): the arena's page; then one load for either pointer */
	asm volatile("r1 = %[shared]; .8byte 0x00000001000111bf; r2 = %[local]; if %[shared] != 0 goto +1; r1 = r2; %[value] = *(u64 *)(r1 + 0)" /* expect: arena-pointer-mixed */
		     : [value] "+r"(value) : [shared] "r"(shared), [local] "r"(local) : "r1", "r2");
	return value & 1;
}

char LICENSE[] SEC("license") = "GPL";
