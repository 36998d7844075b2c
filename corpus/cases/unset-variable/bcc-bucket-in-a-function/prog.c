#include <uapi/linux/ptrace.h>

#define PAGES(size) ((size) >> 12)

BPF_HASH(sizes, u32, u64);

static inline u32 bucket_of(u64 size)
{
	u32 bucket;

	if (PAGES(size) == 0)
		bucket = 1;
	else if (PAGES(size) == 1) /* expect: unset-variable */ /* cause: nothing for more pages */
		bucket = 2;
	return bucket;
}

int on_read(struct pt_regs *ctx)
{
	u32 bucket = bucket_of(PT_REGS_PARM3(ctx));

	sizes.increment(bucket);
	return 0;
}
