#include <uapi/linux/ptrace.h>
BPF_PERF_OUTPUT(events);
struct event { u32 pid; u64 when; char comm[16]; u8 last; };

static inline void fill(struct event *e) {
    e->pid = bpf_get_current_pid_tgid() >> 32;
    e->when = bpf_ktime_get_ns();
    bpf_get_current_comm(&e->comm, sizeof(e->comm));
}

int traced(struct pt_regs *ctx) {
    struct event e;
    fill(&e);
    events.perf_submit(ctx, &e, sizeof(e)); /* expect: uninitialized-stack */ /* cause: padding after pid, and last */
    return 0;
}
