#include <uapi/linux/ptrace.h>

BPF_HASH(lengths, u32, u32);

int kprobe__do_exit(struct pt_regs *ctx)
{
	char name[64];
	u32 pid = bpf_get_current_pid_tgid() >> 32, n = 0;

	bpf_get_current_comm(name, sizeof(name));
	while (n < sizeof(name) && name[n]) n++;
	lengths.update(&pid, &n);
	return 0;
}
