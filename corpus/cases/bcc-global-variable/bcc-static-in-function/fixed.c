#include <uapi/linux/ptrace.h>

BPF_HASH(sampled, u32, u64);

BPF_ARRAY(calls, u32, 1);

int kprobe__vfs_write(struct pt_regs *ctx)
{
	int calls_key = 0;
	u32 *calls_value = calls.lookup(&calls_key);

	if (!calls_value)
		return 0;
	u32 pid = bpf_get_current_pid_tgid() >> 32;

	*calls_value += 1;
	if (*calls_value % 128)
		return 0;
	sampled.increment(pid);
	return 0;
}
