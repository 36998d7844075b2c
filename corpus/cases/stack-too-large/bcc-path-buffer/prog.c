#include <uapi/linux/ptrace.h>

#define PATH_LENGTH 1024

BPF_HASH(opened, u32, u64);

int kprobe__do_sys_openat2(struct pt_regs *ctx) /* expect: stack-too-large */
{
	char path[PATH_LENGTH]; /* cause: 1024 bytes */
	u32 pid = bpf_get_current_pid_tgid();

	bpf_probe_read_user_str(path, sizeof(path), (void *)PT_REGS_PARM2(ctx));
	if (path[0] == '/' && path[1] == 'e')
		opened.increment(pid);
	return 0;
}
