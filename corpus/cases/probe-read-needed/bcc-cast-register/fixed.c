#include <uapi/linux/ptrace.h>
#include <linux/fs.h>

BPF_HASH(writers, u32);

int kprobe__vfs_open(struct pt_regs *ctx)
{
	u64 p = PT_REGS_PARM2(ctx);
	u32 pid = bpf_get_current_pid_tgid() >> 32;

	typeof(((struct file *)p)->f_flags) flags = 0;

	bpf_probe_read_kernel(&flags, sizeof(flags), &((struct file *)p)->f_flags);
	if (flags & O_WRONLY)
		writers.increment(pid);
	return 0;
}
