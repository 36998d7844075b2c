#include <uapi/linux/ptrace.h>

struct event_t { u32 len; char comm[64]; };
BPF_PERF_OUTPUT(events);

int kprobe__do_exit(struct pt_regs *ctx) {
	struct event_t e = {};
	bpf_get_current_comm(&e.comm, sizeof(e.comm));
	for (e.len = 0; e.len < sizeof(e.comm) / sizeof(e.comm[0]) && e.comm[e.len] != 0; e.len++);
	events.perf_submit(ctx, &e, sizeof(e));
	return 0;
}
