#define __TARGET_ARCH_x86
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

SEC("fentry/vfs_read")
int BPF_PROG(on_read, struct file *file, char *buf, size_t count, loff_t *pos) /* expect: tracing-argument-type */ /* cause: a pointer to a number */
{
	if (pos)
		bpf_printk("at an offset");
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
