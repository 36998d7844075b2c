#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct big {
	__u32 pid;
	char path[600];
};

SEC("kprobe/vfs_read")
int large(void *ctx)
{
	struct big b = {}; // all of it
	int first;

	b.pid = 1;
	bpf_probe_read_kernel(&b.path, sizeof(b.path), ctx);
	bpf_probe_read_kernel(&b, sizeof(b), ctx);
	first = b.path[0];
	return first + b.pid;
}

char LICENSE[] SEC("license") = "GPL";
