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

#define FLAGS(file) ((file)->f_flags)

SEC("kprobe/vfs_read")
int read_in_a_macro(unsigned long *regs)
{
	struct file *f = (void *)regs[14];

	return FLAGS(f) & 3;
}

char LICENSE[] SEC("license") = "GPL";
