#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct inode {
	unsigned short i_mode;
	unsigned long i_ino;
	char i_name[16];
	struct inode *i_next;
};
struct file {
	unsigned int f_flags;
	struct inode *f_inode;
	const char *f_path;
};

SEC("kprobe/vfs_read")
int read_with_taken_names(unsigned long *regs)
{
	struct file *file = (void *)regs[14];
	int flags = 1, ino = 2, value = 3;

	typeof(file->f_flags) flags_copy = 0;
	typeof(file->f_inode) inode = NULL;
	typeof(inode->i_ino) ino_copy = 0;

	bpf_probe_read_kernel(&flags_copy, sizeof(flags_copy), &file->f_flags);
	bpf_probe_read_kernel(&inode, sizeof(inode), &file->f_inode);
	bpf_probe_read_kernel(&ino_copy, sizeof(ino_copy), &inode->i_ino);
	return flags_copy + flags + ino_copy + ino + value;
}

char LICENSE[] SEC("license") = "GPL";
