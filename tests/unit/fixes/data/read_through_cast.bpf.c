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
int read_through_cast(unsigned long *regs)
{
	unsigned long at = *(unsigned long *)regs[14];
	unsigned int low = *(const unsigned int *)(regs[13] + 8);

	return at + low;
}

char LICENSE[] SEC("license") = "GPL";
