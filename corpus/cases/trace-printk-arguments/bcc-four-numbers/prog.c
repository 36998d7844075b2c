#include <uapi/linux/ptrace.h>

int on_read(struct pt_regs *ctx)
{
	u64 id = bpf_get_current_pid_tgid();

	bpf_trace_printk("%d %d %d %d\n", id >> 32, (u32)id, PT_REGS_PARM1(ctx), PT_REGS_PARM3(ctx)); /* expect: trace-printk-arguments */ /* cause: four values */
	return 0;
}
