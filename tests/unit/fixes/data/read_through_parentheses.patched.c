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
	typeof(regs[14]) value_copy = NULL;

	bpf_probe_read_kernel(&value_copy, sizeof(value_copy), &regs[14]);
	unsigned long value = 0;
	bpf_probe_read_kernel(&value, sizeof(value), ((unsigned long *)value_copy));

	return value;
}

char LICENSE[] SEC("license") = "GPL";
