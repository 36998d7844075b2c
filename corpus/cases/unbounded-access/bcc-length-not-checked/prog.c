#include <uapi/linux/ptrace.h>

struct line_t {
	u32 pid;
	char text[128];
};

BPF_PERCPU_ARRAY(lines, struct line_t, 1);
BPF_PERF_OUTPUT(events);

int kretprobe__ksys_read(struct pt_regs *ctx)
{
	int zero = 0, got = PT_REGS_RC(ctx);
	struct line_t *line = lines.lookup(&zero);

	if (!line)
		return 0;
	line->pid = bpf_get_current_pid_tgid() >> 32;
	events.perf_submit(ctx, line, got); /* expect: unbounded-access */ /* cause: never compared */
	return 0;
}
