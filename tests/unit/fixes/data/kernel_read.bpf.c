#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct dentry;
struct inode {
	unsigned short i_mode;
	unsigned long i_ino;
};
struct file {
	unsigned int f_flags;
	struct inode *f_inode;
};

SEC("kprobe/vfs_read")
int reads(unsigned long *regs)
{
	struct file *file = (void *)regs[14];
	struct inode *inode;
	unsigned int flags;

	flags = file->f_flags;
	if (flags & 2)
		return 0;
	if (file->f_inode->i_ino == 7) return file->f_inode->i_mode;
	inode = file->f_inode;
	return inode->i_mode;
}

char LICENSE[] SEC("license") = "GPL";
