#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct event {
	__u32 pid;
	char comm[12];
};

SEC("kprobe/vfs_read")
int event(void *ctx)
{
	struct event e = {};

	bpf_probe_read_kernel(&e, 20, ctx);
	return e.pid;
}

char LICENSE[] SEC("license") = "GPL";
