#include <uapi/linux/ptrace.h>

#define FIELD(base, off) (*(u32 *)((base) + (off)))

BPF_HASH(seen, u32);

int kprobe__vfs_open(struct pt_regs *ctx)
{
	u64 file = PT_REGS_PARM2(ctx);
	u32 flags = FIELD(file, 64); /* expect: probe-read-needed */ /* cause: a number as an address */

	seen.increment(flags);
	return 0;
}
