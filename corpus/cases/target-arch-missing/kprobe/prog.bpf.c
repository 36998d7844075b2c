#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

SEC("kprobe/vfs_read")
int BPF_KPROBE(on_read, struct file *file, char *buf, size_t count) /* expect: target-arch-missing */ /* cause: the registers depend on the processor */
{
	bpf_printk("%lu bytes", count);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
