#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct inode {
	unsigned long i_ino;
};
struct file {
	unsigned int f_flags;
	struct inode *f_inode;
};

SEC("kprobe/vfs_read")
int reads(unsigned long *regs)
{
	unsigned long value = *((unsigned long *)regs[14]);

	return value;
}

char LICENSE[] SEC("license") = "GPL";
