#include <uapi/linux/ptrace.h>

struct seen_t {
	u64 last;
	u64 calls;
};

BPF_HASH(seen, u32, struct seen_t);
BPF_HASH(misses, u32, u64);
BPF_HISTOGRAM(gaps);

int on_call(struct pt_regs *ctx)
{
	u32 pid = bpf_get_current_pid_tgid() >> 32;
	struct seen_t *old = seen.lookup(&pid);

	if (!old)
		misses.increment(pid);
	if (!old)
		return 0;
	gaps.increment(bpf_log2l(bpf_ktime_get_ns() - old->last));
	return 0;
}
