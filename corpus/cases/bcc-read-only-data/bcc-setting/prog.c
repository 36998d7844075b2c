#include <uapi/linux/ptrace.h>

const volatile u32 target_pid = 0;
BPF_HASH(opens, u32);

int kprobe__do_sys_open(struct pt_regs *ctx)
{
	u32 pid = bpf_get_current_pid_tgid() >> 32;

	if (target_pid && pid != target_pid) /* expect: bcc-read-only-data */ /* cause: a setting in .rodata */
		return 0;
	opens.increment(pid);
	return 0;
}
