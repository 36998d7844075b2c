#include <uapi/linux/ptrace.h>

BPF_HASH(sizes, u32);

int size_class(u32 size)
{
	u32 class = 0;

	while (size >>= 1)
		class++;
	return class;
}

int kprobe__vfs_read(struct pt_regs *ctx)
{
	u32 class = size_class(PT_REGS_PARM3(ctx)); /* expect: function-not-inlined */ /* cause: a call of a function that is not inlined */

	sizes.increment(class);
	return 0;
}
