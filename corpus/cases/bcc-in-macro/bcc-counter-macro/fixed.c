#include <uapi/linux/ptrace.h>

BPF_HASH(counts, u32, u64);

#define COUNT(key) counts.increment(key)

int on_open(struct pt_regs *ctx)
{
	u32 pid = bpf_get_current_pid_tgid() >> 32;

	counts.increment(pid);
	return 0;
}
