#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct big {
	__u32 pid;
	char path[600];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct big);
} b_memory SEC(".maps");

SEC("kprobe/vfs_read")
int large(void *ctx)
{
	__u32 b_key = 0;
	struct big *b = bpf_map_lookup_elem(&b_memory, &b_key); // all of it

	if (!b)
		return 0;
	__builtin_memset(b, 0, sizeof(*b));
	int first;

	b->pid = 1;
	bpf_probe_read_kernel(&b->path, sizeof(b->path), ctx);
	bpf_probe_read_kernel(b, sizeof(*b), ctx);
	first = b->path[0];
	return first + b->pid;
}

char LICENSE[] SEC("license") = "GPL";
