#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define LONG 500
struct pair {
	int pid;
};
struct big {
	struct pair a;
	char path[LONG];
	char more[64];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct big);
} b_memory SEC(".maps");

SEC("kprobe/vfs_read")
int large_plain(unsigned long *regs)
{
	__u32 b_key = 0;
	struct big *b = bpf_map_lookup_elem(&b_memory, &b_key);

	if (!b)
		return 0;

	b->a.pid = 1;
	b->more[3] = 2;
	bpf_probe_read_kernel(b, sizeof(*b), regs);
	return b->a.pid;
}

char LICENSE[] SEC("license") = "GPL";
