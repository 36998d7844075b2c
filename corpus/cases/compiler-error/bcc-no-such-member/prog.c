#include <uapi/linux/ptrace.h>
#include <linux/sched.h>

BPF_HASH(parents, u32);

int kprobe__do_exit(struct pt_regs *ctx)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	u32 parent = task->parent_pid; /* expect: compiler-error */ /* cause: no such member */

	parents.increment(parent);
	return 0;
}
