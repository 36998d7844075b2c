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

	return file->f_flags + flags + file->f_inode->i_ino + ino + value;
}

char LICENSE[] SEC("license") = "GPL";
