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
	typeof(regs[14]) value = NULL;

	bpf_probe_read_kernel(&value, sizeof(value), &regs[14]);
	unsigned long at = 0;
	bpf_probe_read_kernel(&at, sizeof(at), (unsigned long *)value);
	typeof(regs[13]) value2 = NULL;

	bpf_probe_read_kernel(&value2, sizeof(value2), &regs[13]);
	unsigned int low = 0;
	bpf_probe_read_kernel(&low, sizeof(low), (const unsigned int *)(value2 + 8));

	return at + low;
}

char LICENSE[] SEC("license") = "GPL";
