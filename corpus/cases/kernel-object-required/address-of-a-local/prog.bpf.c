#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

struct task_struct *bpf_task_acquire(struct task_struct *task) __ksym;
void bpf_task_release(struct task_struct *task) __ksym;

SEC("tp_btf/task_newtask")
int remember(__u64 *ctx)
{
	struct task_struct *task = (void *)ctx[0], *kept;

	kept = bpf_task_acquire((void *)&task); /* expect: kernel-object-required */ /* cause: the address of the variable */
	if (kept)
		bpf_task_release(kept);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
