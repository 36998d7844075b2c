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
int read_as_argument(unsigned long *regs)
{
	struct file *file = (void *)regs[14];

	bpf_printk("%d", file->f_flags);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
