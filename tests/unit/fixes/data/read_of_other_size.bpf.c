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
int read_of_other_size(unsigned long *regs)
{
	struct file *file = (void *)regs[14];
	unsigned long flags = file->f_flags;
	char small = file->f_flags;

	return flags + small;
}

char LICENSE[] SEC("license") = "GPL";
