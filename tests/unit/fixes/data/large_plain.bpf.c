#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define LONG 500
struct pair {
	int pid;
};
struct big {
	struct pair a;
	char path[LONG];
	char more[64];
};

SEC("kprobe/vfs_read")
int large_plain(unsigned long *regs)
{
	struct big b;

	b.a.pid = 1;
	b.more[3] = 2;
	bpf_probe_read_kernel(&b, sizeof(b), regs);
	return b.a.pid;
}

char LICENSE[] SEC("license") = "GPL";
