#include <uapi/linux/ptrace.h>

static const u32 limits[4] = { 64, 512, 4096, 65536 };
BPF_HISTOGRAM(classes);

int kprobe__vfs_read(struct pt_regs *ctx)
{
	u32 class = bpf_get_prandom_u32() & 3;
	u64 size = PT_REGS_PARM3(ctx);

	if (size > limits[class]) /* expect: bcc-read-only-data */ /* cause: a table in .rodata */
		classes.increment(class);
	return 0;
}
