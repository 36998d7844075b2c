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
int read_into_pointer(unsigned long *regs)
{
	struct file *file = (void *)regs[14];
	struct inode *inode = file->f_inode; int a = 1;

	return inode ? a : 2;
}

char LICENSE[] SEC("license") = "GPL";
