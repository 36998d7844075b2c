#include <uapi/linux/ptrace.h>
#include <linux/fs.h>

BPF_HASH(inodes, u64);

int kprobe__vfs_open(struct pt_regs *ctx)
{
	unsigned long addr = PT_REGS_PARM2(ctx);
	struct file *f = (struct file *)addr;
	typeof(f->f_inode) inode = NULL;

	bpf_probe_read_kernel(&inode, sizeof(inode), &f->f_inode);
	u64 ino = 0;
	bpf_probe_read_kernel(&ino, sizeof(ino), &inode->i_ino);

	inodes.increment(ino);
	return 0;
}
