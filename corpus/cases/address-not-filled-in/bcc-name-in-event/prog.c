#include <uapi/linux/ptrace.h>

struct event {
	u64 pid;
	const char *call;
};

BPF_PERF_OUTPUT(events);

int on_open(struct pt_regs *ctx)
{
	struct event e = {};

	e.pid = bpf_get_current_pid_tgid() >> 32;
	e.call = "openat"; /* expect: address-not-filled-in */ /* cause: not loaded */
	events.perf_submit(ctx, &e, sizeof(e));
	return 0;
}
