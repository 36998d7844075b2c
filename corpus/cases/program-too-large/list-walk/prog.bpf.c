#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

SEC("kprobe/do_exit")
int count_ancestors(struct pt_regs *ctx)
{
	struct task_struct *task = (void *)bpf_get_current_task();

	while (BPF_CORE_READ(task, pid) != 1) /* expect: program-too-large */ /* cause: nothing limits the rounds */
		task = BPF_CORE_READ(task, real_parent);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
