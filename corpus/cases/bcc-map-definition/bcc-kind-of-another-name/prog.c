#include <uapi/linux/ptrace.h>

BPF_TABLE("hashmap", u32, u64, counts, 1024); /* expect: bcc-map-definition */ /* cause: no such kind */

int on_open(struct pt_regs *ctx)
{
	u32 pid = bpf_get_current_pid_tgid() >> 32;

	counts.increment(pid);
	return 0;
}
