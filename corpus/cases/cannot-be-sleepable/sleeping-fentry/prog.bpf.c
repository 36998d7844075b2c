#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

int opens;

SEC("fentry.s/vfs_write")
int count(void *ctx) /* expect: cannot-be-sleepable */ /* cause: asks to sleep where nothing may */
{
	opens++;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
