#include <uapi/linux/ptrace.h>

BPF_HASH(kernel_threads, u32, u64);

static inline int is_kworker(char *name)
{
	return strchr(name, '/') != 0; /* expect: missing-exit */ /* cause: a call of strchr */
}

int kprobe__vfs_write(struct pt_regs *ctx)
{
	char comm[16];
	u32 pid = bpf_get_current_pid_tgid();

	bpf_get_current_comm(comm, sizeof(comm));
	if (is_kworker(comm))
		kernel_threads.increment(pid);
	return 0;
}
