#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

struct task_struct___ours {
	long pid; /* an int in the kernel */ /* expect: core-relocation-size */
} __attribute__((preserve_access_index));

SEC("tp_btf/task_newtask")
int on_new(__u64 *ctx)
{
	struct task_struct___ours *task = (void *)ctx[0];

	return task->pid & 1; /* expect: core-relocation-failed */ /* cause: read as a long, and an int in the kernel */
}

char LICENSE[] SEC("license") = "GPL";
