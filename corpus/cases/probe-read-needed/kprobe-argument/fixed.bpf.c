#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

__u64 opened_for_writing;

SEC("kprobe/vfs_open")
int BPF_KPROBE(on_open, const struct path *path, struct file *file)
{
	typeof(file->f_flags) flags = 0;

	bpf_probe_read_kernel(&flags, sizeof(flags), &file->f_flags);
	if (flags & 1)
		opened_for_writing++;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
