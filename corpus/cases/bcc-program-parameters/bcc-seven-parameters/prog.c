#include <uapi/linux/ptrace.h>

BPF_HASH(flags, u64, u64);

int on_clone(struct pt_regs *ctx, u64 a, u64 b, u64 c, u64 d, u64 e, u64 f, u64 seventh) /* expect: bcc-program-parameters */ /* cause: one more than there are registers */
{
	flags.increment(seventh);
	return 0;
}
