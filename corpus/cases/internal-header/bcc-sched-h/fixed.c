#include <uapi/linux/ptrace.h>
#include <linux/sched.h>

/* The beginning of struct cfs_rq, as it is up to Linux 6.11; check it with pahole on every new kernel. */
struct cfs_rq_start {
	struct load_weight load;
	unsigned int nr_running;
};

BPF_HISTOGRAM(lengths, unsigned int);

int on_timer(struct bpf_perf_event_data *ctx)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	struct cfs_rq_start *queue = (struct cfs_rq_start *)task->se.cfs_rq;
	unsigned int length = queue->nr_running;

	lengths.increment(length);
	return 0;
}
