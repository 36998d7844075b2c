#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

__u64 opened_for_writing;

SEC("kprobe/vfs_open")
int BPF_KPROBE(on_open, const struct path *path, struct file *file)
{
	if (file->f_flags & 1) /* expect: probe-read-needed */ /* cause: a number as an address */
		opened_for_writing++;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
