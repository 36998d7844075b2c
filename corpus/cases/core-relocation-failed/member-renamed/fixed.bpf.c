#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

struct task_struct___old {
	long state;
} __attribute__((preserve_access_index));

struct task_struct___new {
	unsigned int __state;
} __attribute__((preserve_access_index));

SEC("tracepoint/sched/sched_process_exec")
int on_exec(void *ctx)
{
	struct task_struct___old *task = (void *)bpf_get_current_task();
	struct task_struct___new *newer = (void *)task;

	if (bpf_core_field_exists(newer->__state))
		return BPF_CORE_READ(newer, __state) != 0;
	return BPF_CORE_READ(task, state) != 0;
}

char LICENSE[] SEC("license") = "GPL";
