#include <uapi/linux/ptrace.h>
struct ev { u32 pid; char argv[640]; };
BPF_PERF_OUTPUT(execs);
int on_exec(struct pt_regs *ctx) { struct ev e = {}; e.pid = bpf_get_current_pid_tgid(); bpf_probe_read_user_str(e.argv, sizeof(e.argv), (void *)PT_REGS_PARM1(ctx)); execs.perf_submit(ctx, &e, sizeof(e)); return 0; } /* expect: stack-too-large */ /* cause: 644 bytes */
