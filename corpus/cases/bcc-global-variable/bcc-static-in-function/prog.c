#include <uapi/linux/ptrace.h>

BPF_HASH(sampled, u32, u64);

int kprobe__vfs_write(struct pt_regs *ctx)
{
	static u32 calls;
	u32 pid = bpf_get_current_pid_tgid() >> 32;

	calls += 1; /* expect: bcc-global-variable */ /* cause: static, so it is in .bss */
	if (calls % 128)
		return 0;
	sampled.increment(pid);
	return 0;
}
