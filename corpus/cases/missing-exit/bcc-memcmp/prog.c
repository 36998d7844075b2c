#include <uapi/linux/ptrace.h>

BPF_HASH(same, u32, u64);

int compared(struct pt_regs *ctx)
{
	char one[128] = {}, other[128] = {};
	u32 pid = bpf_get_current_pid_tgid() >> 32;

	bpf_probe_read_user(one, sizeof(one), (void *)PT_REGS_PARM1(ctx));
	bpf_probe_read_user(other, sizeof(other), (void *)PT_REGS_PARM2(ctx));
	if (__builtin_memcmp(one, other, sizeof(one)) == 0) /* expect: missing-exit */ /* cause: a call of bcmp */
		same.increment(pid);
	return 0;
}
