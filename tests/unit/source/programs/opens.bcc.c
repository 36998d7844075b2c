#include <uapi/linux/ptrace.h>
#include <linux/sched.h>

struct key_t {
	u32 pid;
	u64 ts;
};
BPF_HASH(counts, struct key_t, u64);

int kprobe__do_sys_open(struct pt_regs *ctx, int dfd, const char *filename)
{
	struct key_t key = {};
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	u64 *count;

	key.pid = task->tgid + task->real_parent->pid;
	key.ts = dfd;
	count = counts.lookup(&key);
	(*count)++;
	return 0;
}
