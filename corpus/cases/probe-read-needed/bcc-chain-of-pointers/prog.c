#include <uapi/linux/ptrace.h>
#include <linux/fs.h>

BPF_HASH(inodes, u64);

int kprobe__vfs_open(struct pt_regs *ctx)
{
	unsigned long addr = PT_REGS_PARM2(ctx);
	struct file *f = (struct file *)addr;
	u64 ino = f->f_inode->i_ino; /* expect: probe-read-needed */ /* cause: a number as an address */

	inodes.increment(ino);
	return 0;
}
