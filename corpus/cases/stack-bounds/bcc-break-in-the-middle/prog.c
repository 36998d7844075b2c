#include <uapi/linux/ptrace.h>

BPF_HASH(lengths, u32, u32);

int kprobe__do_exit(struct pt_regs *ctx)
{
	char path[64];
	u32 pid = bpf_get_current_pid_tgid() >> 32;
	u32 at = 0;

	bpf_probe_read_kernel_str(path, sizeof(path), (void *)PT_REGS_PARM1(ctx));
	for (;;) {
		if (path[at] == '/' || path[at] == 0) /* expect: stack-bounds */ /* cause: a loop without a bound */
			break;
		at++;
	}
	lengths.update(&pid, &at);
	return 0;
}
