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
int read_in_a_list(unsigned long *regs)
{
	struct inode *at = (void *)regs[14];

	at = at->i_next;
	at = at->i_next->i_next;
	return at->i_mode;
}

char LICENSE[] SEC("license") = "GPL";
