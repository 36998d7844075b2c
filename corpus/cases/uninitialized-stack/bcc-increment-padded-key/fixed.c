#include <uapi/linux/ptrace.h>

struct key_t { u32 pid; u64 started; char state; u64 size; };

BPF_HASH(reads, struct key_t);

int kprobe__vfs_read(struct pt_regs *ctx)
{
	struct key_t k = {0};

	k.pid = bpf_get_current_pid_tgid() >> 32;
	k.started = bpf_ktime_get_ns();
	k.state = 'r';
	k.size = PT_REGS_PARM3(ctx);
	reads.increment(k);
	return 0;
}
