#include <uapi/linux/ptrace.h>

BPF_HASH(started, u32);
BPF_HISTOGRAM(latency);

int kretprobe__vfs_read(struct pt_regs *ctx)
{
	u32 tid = bpf_get_current_pid_tgid();
	u64 *begin = started.lookup(&tid);
	if (!begin)
		return 0;
	u64 spent = bpf_ktime_get_ns() - *begin;

	latency.increment(bpf_log2l(spent));
	return 0;
}
