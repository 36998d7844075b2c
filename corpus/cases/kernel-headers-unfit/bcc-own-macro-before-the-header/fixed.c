#include <linux/sched.h>

#define WANTED_PID 0

BPF_ARRAY(wanted, u32, 1);

int kprobe__vfs_open(struct pt_regs *ctx)
{
	int key = WANTED_PID;
	u32 *id = wanted.lookup(&key);

	if (id && *id == bpf_get_current_pid_tgid() >> 32)
		bpf_trace_printk("opens\n");
	return 0;
}
