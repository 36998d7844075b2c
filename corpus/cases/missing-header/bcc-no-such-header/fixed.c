#include <uapi/linux/ptrace.h>
#include <linux/sched.h>

int kprobe__do_exit(struct pt_regs *ctx)
{
	return 0;
}
