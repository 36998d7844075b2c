#include <uapi/linux/ptrace.h>
#include <linux/taskstruct.h> /* expect: missing-header */ /* cause: no such file */

int kprobe__do_exit(struct pt_regs *ctx)
{
	return 0;
}
