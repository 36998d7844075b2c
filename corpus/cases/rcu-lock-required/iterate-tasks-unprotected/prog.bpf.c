#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

int bpf_iter_task_new(struct bpf_iter_task *it, struct task_struct *task, unsigned int flags) __ksym;
struct task_struct *bpf_iter_task_next(struct bpf_iter_task *it) __ksym;
void bpf_iter_task_destroy(struct bpf_iter_task *it) __ksym;
void bpf_rcu_read_lock(void) __ksym;
void bpf_rcu_read_unlock(void) __ksym;

int tasks;

SEC("syscall")
int count(void *ctx)
{
	struct bpf_iter_task it;

	bpf_iter_task_new(&it, NULL, 0); /* expect: rcu-lock-required */ /* cause: not inside an RCU section */
	while (bpf_iter_task_next(&it)) /* expect: rcu-lock-required */
		tasks++;
	bpf_iter_task_destroy(&it);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
