#include <uapi/linux/ptrace.h>

#define NAMED(task, name) (!strncmp((task), (name), sizeof(task)))

BPF_HASH(found, u32, u64);

int kprobe__do_nanosleep(struct pt_regs *ctx)
{
	char comm[16] = {}, wanted[16] = {'n', 'g', 'i', 'n', 'x'};
	u32 pid = bpf_get_current_pid_tgid();

	bpf_get_current_comm(&comm, sizeof(comm));
	if (NAMED(comm, wanted)) /* expect: missing-exit */ /* cause: a call of strncmp */
		found.increment(pid);
	return 0;
}
