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

	bpf_probe_read_kernel(&flags, sizeof(flags), &file->f_flags);
	if (flags & 2)
		return 0;
	typeof(file->f_inode) inode_copy = NULL;
	typeof(inode_copy->i_ino) ino = 0;

	bpf_probe_read_kernel(&inode_copy, sizeof(inode_copy), &file->f_inode);
	bpf_probe_read_kernel(&ino, sizeof(ino), &inode_copy->i_ino);
	if (ino == 7) { typeof(file->f_inode) inode2 = NULL; typeof(inode2->i_mode) mode = 0; bpf_probe_read_kernel(&inode2, sizeof(inode2), &file->f_inode); bpf_probe_read_kernel(&mode, sizeof(mode), &inode2->i_mode); return mode; }
	typeof(file->f_inode) inode3 = {0};

	bpf_probe_read_kernel(&inode3, sizeof(inode3), &file->f_inode);
	inode = inode3;
	typeof(inode->i_mode) mode2 = 0;

	bpf_probe_read_kernel(&mode2, sizeof(mode2), &inode->i_mode);
	return mode2;
}

char LICENSE[] SEC("license") = "GPL";
