#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

int bpf_iter_task_new(struct bpf_iter_task *it, struct task_struct *task, unsigned int flags) __ksym;
struct task_struct *bpf_iter_task_next(struct bpf_iter_task *it) __ksym;
void bpf_iter_task_destroy(struct bpf_iter_task *it) __ksym;
void bpf_rcu_read_lock(void) __ksym;
void bpf_rcu_read_unlock(void) __ksym;

int threads;

SEC("tp_btf/task_newtask")
int count(__u64 *ctx)
{
	struct task_struct *task = (void *)ctx[0];
	struct bpf_iter_task it;

	bpf_rcu_read_lock();
	bpf_iter_task_new(&it, task->last_wakee, 1); /* expect: trusted-pointer-required */ /* cause: read from another object */
	while (bpf_iter_task_next(&it))
		threads++;
	bpf_iter_task_destroy(&it);
	bpf_rcu_read_unlock();
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
