#include <uapi/linux/ptrace.h>

#define target_pid 0
BPF_HASH(opens, u32);

int kprobe__do_sys_open(struct pt_regs *ctx)
{
	u32 pid = bpf_get_current_pid_tgid() >> 32;

	if (target_pid && pid != target_pid)
		return 0;
	opens.increment(pid);
	return 0;
}
