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
int read_of_an_entry(unsigned long *regs)
{
	struct inode *inode = (void *)regs[14];
	char first = 0;
	bpf_probe_read_kernel(&first, sizeof(first), &inode->i_name[3]);

	return first == 'a';
}

char LICENSE[] SEC("license") = "GPL";
