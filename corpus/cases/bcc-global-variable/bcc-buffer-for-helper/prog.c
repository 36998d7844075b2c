#include <uapi/linux/ptrace.h>
#include <linux/sched.h>

static char name[TASK_COMM_LEN];

static inline int is_shell(void)
{
	bpf_get_current_comm(name, sizeof(name)); /* expect: bcc-global-variable */ /* cause: the buffer has no memory */
	return name[0] == 's' && name[1] == 'h' && name[2] == 0;
}

int kprobe__do_exit(struct pt_regs *ctx)
{
	if (is_shell())
		bpf_trace_printk("a shell ends\n");
	return 0;
}
