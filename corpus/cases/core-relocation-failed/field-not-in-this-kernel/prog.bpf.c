#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

struct task_struct___older {
	int state_of_old; /* no kernel has it any more */
} __attribute__((preserve_access_index));

SEC("tracepoint/syscalls/sys_enter_execve")
int on_exec(void *ctx)
{
	struct task_struct___older *task = (void *)bpf_get_current_task();

	return BPF_CORE_READ(task, state_of_old); /* expect: core-relocation-failed */ /* cause: a field this kernel does not have */
}

char LICENSE[] SEC("license") = "GPL";
