#include <uapi/linux/ptrace.h>

struct event {
	u64 pid;
	char call[16];
};

BPF_PERF_OUTPUT(events);

int on_open(struct pt_regs *ctx)
{
	struct event e = {};

	e.pid = bpf_get_current_pid_tgid() >> 32;
	__builtin_memcpy(e.call, "openat", sizeof("openat"));
	events.perf_submit(ctx, &e, sizeof(e));
	return 0;
}
