#include <uapi/linux/ptrace.h>

struct event_t {
	u32 pid;
	char command[16];
	char line[600];
};

BPF_PERF_OUTPUT(events);

BPF_PERCPU_ARRAY(event_memory, struct event_t, 1);

int kretprobe__ksys_write(struct pt_regs *ctx)
{
	u32 event_key = 0;
	struct event_t *event = event_memory.lookup(&event_key);

	if (!event)
		return 0;
	__builtin_memset(event, 0, sizeof(*event));

	event->pid = bpf_get_current_pid_tgid() >> 32;
	bpf_get_current_comm(&event->command, sizeof(event->command));
	events.perf_submit(ctx, event, sizeof(*event));
	return 0;
}
