#include <uapi/linux/ptrace.h>

struct event_t {
	u32 pid;
	char command[16];
	char line[600];
};

BPF_PERF_OUTPUT(events);

int kretprobe__ksys_write(struct pt_regs *ctx)
{
	struct event_t event = {}; /* expect: stack-too-large */ /* cause: 620 bytes */

	event.pid = bpf_get_current_pid_tgid() >> 32;
	bpf_get_current_comm(&event.command, sizeof(event.command));
	events.perf_submit(ctx, &event, sizeof(event));
	return 0;
}
