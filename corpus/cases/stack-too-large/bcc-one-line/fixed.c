#include <uapi/linux/ptrace.h>
struct ev { u32 pid; char argv[640]; };
BPF_PERF_OUTPUT(execs);
BPF_PERCPU_ARRAY(e_memory, struct ev, 1);

int on_exec(struct pt_regs *ctx) { u32 e_key = 0; struct ev *e = e_memory.lookup(&e_key); if (!e) return 0; __builtin_memset(e, 0, sizeof(*e)); e->pid = bpf_get_current_pid_tgid(); bpf_probe_read_user_str(e->argv, sizeof(e->argv), (void *)PT_REGS_PARM1(ctx)); execs.perf_submit(ctx, e, sizeof(*e)); return 0; }
