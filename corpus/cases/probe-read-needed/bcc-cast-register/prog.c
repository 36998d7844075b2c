#include <uapi/linux/ptrace.h>
#include <linux/fs.h>

BPF_HASH(writers, u32);

int kprobe__vfs_open(struct pt_regs *ctx)
{
	u64 p = PT_REGS_PARM2(ctx);
	u32 pid = bpf_get_current_pid_tgid() >> 32;

	if (((struct file *)p)->f_flags & O_WRONLY) /* expect: probe-read-needed */ /* cause: a number as an address */
		writers.increment(pid);
	return 0;
}
