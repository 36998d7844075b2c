#include <uapi/linux/ptrace.h>
#include <linux/sched.h>
#include "../../kernel/sched/sched.h" /* expect: internal-header */ /* cause: not in the packages with headers */

BPF_HISTOGRAM(lengths, unsigned int);

int on_timer(struct bpf_perf_event_data *ctx)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	struct cfs_rq *queue = (struct cfs_rq *)task->se.cfs_rq;
	unsigned int length = queue->nr_running;

	lengths.increment(length);
	return 0;
}
