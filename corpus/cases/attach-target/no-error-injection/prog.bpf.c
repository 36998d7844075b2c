#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

SEC("fmod_ret/vfs_read") /* expect: attach-target */ /* cause: vfs_read allows no error injection */
int BPF_PROG(deny_read, struct file *file)
{
	return -1;
}

char LICENSE[] SEC("license") = "GPL";
