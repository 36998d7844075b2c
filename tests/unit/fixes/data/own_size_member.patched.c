#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct event {
	__u32 pid;
	char comm[12];
};

SEC("kprobe/vfs_read")
int event(void *ctx)
{
	char name[8], more[4];

	bpf_probe_read_kernel(more, sizeof(more), ctx);
	return name[0] + more[1];
}

char LICENSE[] SEC("license") = "GPL";
