#include <uapi/linux/ptrace.h>
#include <linux/sched.h>

BPF_HISTOGRAM(priorities);

int kprobe__wake_up_new_task(struct pt_regs *ctx, struct task_struct *task)
{
	int priority = task->prio;

	priorities.increment(bpf_log2l(priority));
	return 0;
}
