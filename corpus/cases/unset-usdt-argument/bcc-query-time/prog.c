#include <uapi/linux/ptrace.h>

BPF_HISTOGRAM(sizes);

int on_query(struct pt_regs *ctx)
{
	u64 length;

	bpf_usdt_readarg(2, ctx, &length); /* expect: unset-usdt-argument */ /* cause: may fail */
	sizes.increment(bpf_log2l(length));
	return 0;
}
