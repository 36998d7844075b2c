#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

int opens;

SEC("fentry/vfs_write")
int count(void *ctx)
{
	opens++;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
