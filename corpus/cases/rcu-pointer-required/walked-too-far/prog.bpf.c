#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

struct task_struct *bpf_task_acquire(struct task_struct *task) __ksym;
void bpf_task_release(struct task_struct *task) __ksym;

int pid;

SEC("tp_btf/task_newtask")
int remember(__u64 *ctx)
{
	struct task_struct *task = (void *)ctx[0], *kept;

	kept = bpf_task_acquire(task->last_wakee); /* expect: rcu-pointer-required */ /* cause: not protected by RCU */
	if (!kept)
		return 0;
	pid = kept->pid;
	bpf_task_release(kept);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
