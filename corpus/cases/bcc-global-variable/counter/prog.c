#include <uapi/linux/ptrace.h>

u64 total = 0;

int kprobe__do_exit(struct pt_regs *ctx)
{
	total++; /* expect: bcc-global-variable */ /* cause: a variable without memory */
	if (total == 100)
		bpf_trace_printk("100 exits\n");
	return 0;
}
