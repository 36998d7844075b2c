#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, 33); /* BPF_MAP_TYPE_ARENA, since Linux 6.9 */
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1); /* pages */
} arena SEC(".maps");

extern void scx_bpf_cid_override(const int *cids, __u32 cid_count, const int *starts, __u32 start_count) __ksym;
extern void *bpf_arena_alloc_pages(void *map, void *address, __u32 pages, int node, __u64 flags) __ksym;

SEC("struct_ops.s/init_cids")
int number_the_cpus(void *ctx)
{
	int *starts = bpf_arena_alloc_pages(&arena, 0, 1, -1, 0), *cids = starts; /* a page of zeros */

	if (starts)
		scx_bpf_cid_override(cids, 2, starts, 1);
	return 0;
}

struct sched_ext_ops_cid {
	int (*init_cids)(void);
	char name[128];
};

SEC(".struct_ops.link")
struct sched_ext_ops_cid numbered = {
	.init_cids = (void *)number_the_cpus,
	.name = "numbered",
};

char LICENSE[] SEC("license") = "GPL";
