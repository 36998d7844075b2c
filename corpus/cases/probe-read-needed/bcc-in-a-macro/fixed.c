#include <uapi/linux/ptrace.h>

#define FIELD(base, off) (({ u32 _value = {0}; bpf_probe_read_kernel(&_value, sizeof(_value), (u32 *)((base) + (off))); _value; }))

BPF_HASH(seen, u32);

int kprobe__vfs_open(struct pt_regs *ctx)
{
	u64 file = PT_REGS_PARM2(ctx);
	u32 flags = FIELD(file, 64);

	seen.increment(flags);
	return 0;
}
