#include <uapi/linux/ptrace.h>
#include <linux/fs.h>

BPF_HASH(opening, u32, u64);
BPF_HASH(flags_seen, u32);

int kprobe__vfs_open(struct pt_regs *ctx, const struct path *path, struct file *file)
{
	u32 tid = bpf_get_current_pid_tgid();
	u64 address = (u64)file;

	opening.update(&tid, &address);
	return 0;
}

int kretprobe__vfs_open(struct pt_regs *ctx)
{
	u32 tid = bpf_get_current_pid_tgid();
	u64 *address = opening.lookup(&tid);
	u32 flags;

	if (!address)
		return 0;
	bpf_probe_read_kernel(&flags, sizeof(flags), (u32 *)(*address + offsetof(struct file, f_flags)));
	flags_seen.increment(flags);
	return 0;
}
