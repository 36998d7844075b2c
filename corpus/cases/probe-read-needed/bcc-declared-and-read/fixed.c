#include <uapi/linux/ptrace.h>

BPF_HASH(seen, u32);

int kprobe__tcp_connect(struct pt_regs *ctx)
{
	u16 family = 0;
	bpf_probe_read_kernel(&family, sizeof(family), (u16 *)(PT_REGS_PARM1(ctx) + 16));
	u32 key = family;

	seen.increment(key);
	return 0;
}
