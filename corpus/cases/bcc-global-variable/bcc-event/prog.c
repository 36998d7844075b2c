#include <uapi/linux/ptrace.h>
#include <linux/sched.h>

struct event_t { u32 pid; char comm[TASK_COMM_LEN]; };
BPF_PERF_OUTPUT(events);
struct event_t event;

int kprobe__do_exit(struct pt_regs *ctx) {
	event.pid = bpf_get_current_pid_tgid(); /* expect: bcc-global-variable */ /* cause: the event has no memory */
	bpf_get_current_comm(&event.comm, sizeof(event.comm)); events.perf_submit(ctx, &event, sizeof(event)); return 0;
}
