#include <uapi/linux/ptrace.h>

BPF_HASH(shells, u32);

int kprobe__do_exit(struct pt_regs *ctx)
{
	char comm[16] = {};
	u32 pid = bpf_get_current_pid_tgid() >> 32;

	bpf_get_current_comm(&comm, sizeof(comm));
	if (__builtin_strstr(comm, "sh")) /* expect: missing-exit */ /* cause: a call of a function that is not there */
		shells.increment(pid);
	return 0;
}
