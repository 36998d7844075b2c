#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

SEC("kprobe/vfs_read")
int BPF_KPROBE(on_read, struct file *file)
{
	bpf_printk("%p", file);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
