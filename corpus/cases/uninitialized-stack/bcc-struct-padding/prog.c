#include <uapi/linux/ptrace.h>

struct event_t {
	u32 pid;
	u64 when;
	char comm[12];
};

BPF_PERF_OUTPUT(events);

int kprobe__do_nanosleep(struct pt_regs *ctx)
{
	struct event_t event;

	event.pid = bpf_get_current_pid_tgid() >> 32;
	event.when = bpf_ktime_get_ns();
	bpf_get_current_comm(&event.comm, sizeof(event.comm));
	events.perf_submit(ctx, &event, sizeof(event)); /* expect: uninitialized-stack */ /* cause: 4 bytes were never written */
	return 0;
}
