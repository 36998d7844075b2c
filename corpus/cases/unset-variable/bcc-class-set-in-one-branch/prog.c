#include <uapi/linux/ptrace.h>

BPF_HASH(sizes, u32, u64);

int on_write(struct pt_regs *ctx)
{
	u64 size = PT_REGS_PARM3(ctx);
	u32 class;

	if (size > 4096) /* expect: unset-variable */ /* cause: not set otherwise */
		class = 1;
	sizes.increment(class);
	return 0;
}
