#include <uapi/linux/ptrace.h>
#include "record.h"

BPF_PERF_OUTPUT(records);

static inline void fill(struct record *r)
{
	r->pid = bpf_get_current_pid_tgid() >> 32;
	bpf_get_current_comm(&r->comm, sizeof(r->comm));
}

int kprobe__do_unlinkat(struct pt_regs *ctx)
{
	struct record record = {}; /* expect: stack-too-large */ /* cause: 536 bytes */

	fill(&record);
	records.perf_submit(ctx, &record, sizeof(record));
	return 0;
}
