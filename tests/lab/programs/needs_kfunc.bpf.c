/* A kernel function that is not weak: without it no program of the object loads. tests/lab/test_needs.py */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct task_struct {
	int pid;
};
extern struct task_struct *bpf_task_from_pid(int pid) __ksym;
extern void bpf_task_release(struct task_struct *task) __ksym;
const volatile int more = 0;

SEC("tp_btf/sched_switch")
int unlikely(__u64 *ctx)
{
	struct task_struct *task = more ? bpf_task_from_pid(1) : 0;

	if (task)
		bpf_task_release(task);
	return 0;
}

SEC("raw_tp/sched_switch")
int beside(void *ctx)
{
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
