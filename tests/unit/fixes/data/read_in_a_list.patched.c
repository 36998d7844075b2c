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

	bpf_probe_read_kernel(&at, sizeof(at), &at->i_next);
	typeof(at->i_next) next2 = NULL;
	typeof(next2->i_next) next = {0};

	bpf_probe_read_kernel(&next2, sizeof(next2), &at->i_next);
	bpf_probe_read_kernel(&next, sizeof(next), &next2->i_next);
	at = next;
	typeof(at->i_mode) mode = 0;

	bpf_probe_read_kernel(&mode, sizeof(mode), &at->i_mode);
	return mode;
}

char LICENSE[] SEC("license") = "GPL";
