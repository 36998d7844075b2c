#include <uapi/linux/ptrace.h>
#include "record.h"

BPF_PERF_OUTPUT(records);

static inline void fill(struct record *r)
{
	r->pid = bpf_get_current_pid_tgid() >> 32;
	bpf_get_current_comm(&r->comm, sizeof(r->comm));
}

BPF_PERCPU_ARRAY(record_memory, struct record, 1);

int kprobe__do_unlinkat(struct pt_regs *ctx)
{
	u32 record_key = 0;
	struct record *record = record_memory.lookup(&record_key);

	if (!record)
		return 0;
	__builtin_memset(record, 0, sizeof(*record));

	fill(record);
	records.perf_submit(ctx, record, sizeof(*record));
	return 0;
}
