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

SEC("ksyscall/openat")
int read_of_user_memory(unsigned long *regs)
{
	struct file *file = (void *)regs[14];

	typeof(file->f_flags) flags = 0;

	bpf_probe_read_user(&flags, sizeof(flags), &file->f_flags);
	return flags;
}

char LICENSE[] SEC("license") = "GPL";
