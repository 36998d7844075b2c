#include <uapi/linux/ptrace.h>
#include <linux/sched.h>

BPF_HASH(exits, u32, u64);

static inline int my_strcmp(const char *a, const char *b)
{
	while (*a && *a == *b) { /* expect: bcc-read-only-data */ /* cause: b is a literal */
		a++;
		b++;
	}
	return *a - *b;
}

int kprobe__do_exit(struct pt_regs *ctx)
{
	char comm[TASK_COMM_LEN];
	u32 pid = bpf_get_current_pid_tgid() >> 32;

	bpf_get_current_comm(&comm, sizeof(comm));
	if (my_strcmp(comm, "mysqld") == 0)
		exits.increment(pid);
	return 0;
}
