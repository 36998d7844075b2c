#include <uapi/linux/ptrace.h>
#include <linux/sched.h>

struct event_t { u32 pid; char comm[TASK_COMM_LEN]; };
BPF_PERF_OUTPUT(events);
BPF_PERCPU_ARRAY(event, struct event_t, 1);

int kprobe__do_exit(struct pt_regs *ctx) {
	int event_key = 0;
	struct event_t *event_value = event.lookup(&event_key);

	if (!event_value)
		return 0;
	event_value->pid = bpf_get_current_pid_tgid();
	bpf_get_current_comm(&event_value->comm, sizeof(event_value->comm)); events.perf_submit(ctx, event_value, sizeof(*event_value)); return 0;
}
