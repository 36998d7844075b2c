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
int own_size_call(unsigned long *regs)
{
	char name[16];

	bpf_probe_read_kernel_str(name, 32, (void *)regs[3]);
	return name[0];
}

char LICENSE[] SEC("license") = "GPL";
