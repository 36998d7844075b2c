#include <uapi/linux/ptrace.h>
#define BPF_LICENSE Proprietary

BPF_HASH(parents, u32);

int kprobe__do_exit(struct pt_regs *ctx, long code)
{
	u32 low = 0;

	bpf_probe_read_kernel(&low, 1, &code); /* expect: missing-license */ /* cause: needs a license compatible with the GPL */
	parents.increment(low);
	return 0;
}
