#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct inode {
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

	while (file && file->f_inode->i_ino > 7)
		return 1;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
