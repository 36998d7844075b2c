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

	while (file && ({ typeof(file->f_inode) inode = NULL; bpf_probe_read_kernel(&inode, sizeof(inode), &file->f_inode); typeof(inode->i_ino) ino = 0; bpf_probe_read_kernel(&ino, sizeof(ino), &inode->i_ino); ino; }) > 7)
		return 1;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
