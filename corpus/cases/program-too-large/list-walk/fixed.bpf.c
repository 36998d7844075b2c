#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#define MAX_ANCESTORS 32

SEC("kprobe/do_exit")
int count_ancestors(struct pt_regs *ctx)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	int i;

	for (i = 0; i < MAX_ANCESTORS && BPF_CORE_READ(task, pid) != 1; i++)
		task = BPF_CORE_READ(task, real_parent);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
