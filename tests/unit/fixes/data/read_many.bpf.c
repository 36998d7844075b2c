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
int read_many(unsigned long *regs)
{
	unsigned int *p = (void *)regs[14]; /* no patch: more reads than anybody wants to copy */

	return p[0] + p[1] + p[2] + p[3] + p[4] + p[5] + p[6] + p[7] + p[8] + p[9] + p[10] + p[11] + p[12];
}

char LICENSE[] SEC("license") = "GPL";
