#include <uapi/linux/ptrace.h>
#include <linux/sched.h>

#define WANTED "redis-server"

BPF_HASH(writes, u32, u64);

static int same(char *a, char *b)
{
	int i;

	for (i = 0; i < 64; i++) {
		if (a[i] != b[i])
			return 0;
		if (a[i] == '\0')
			break;
	}
	return 1;
}

int kprobe__vfs_write(struct pt_regs *ctx)
{
	char comm[64];
	u32 pid = bpf_get_current_pid_tgid() >> 32;

	bpf_get_current_comm(comm, sizeof(comm));
	char want[64] = {};

	__builtin_memcpy(want, WANTED, sizeof(WANTED));
	if (!same(comm, want))
		return 0;
	writes.increment(pid);
	return 0;
}
