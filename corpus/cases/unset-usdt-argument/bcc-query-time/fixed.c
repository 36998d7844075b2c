#include <uapi/linux/ptrace.h>

BPF_HISTOGRAM(sizes);

int on_query(struct pt_regs *ctx)
{
	u64 length = 0;

	bpf_usdt_readarg(2, ctx, &length);
	sizes.increment(bpf_log2l(length));
	return 0;
}
