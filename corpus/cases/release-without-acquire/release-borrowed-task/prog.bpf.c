#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

void bpf_task_release(struct task_struct *task) __ksym;

int pid;

SEC("tp_btf/task_newtask")
int remember(__u64 *ctx)
{
	struct task_struct *task = (void *)ctx[0];

	pid = task->pid;
	bpf_task_release(task); /* expect: release-without-acquire */ /* cause: never acquired */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
