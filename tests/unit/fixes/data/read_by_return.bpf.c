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
int read_by_return(unsigned long *regs)
{
	struct file *file = (void *)regs[14];
	return !file->f_flags;
}

char LICENSE[] SEC("license") = "GPL";
