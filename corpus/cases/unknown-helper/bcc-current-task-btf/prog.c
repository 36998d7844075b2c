#include <uapi/linux/ptrace.h>

BPF_HISTOGRAM(found);


int kprobe__do_exit(struct pt_regs *ctx)
{
	u32 seen = bpf_get_current_task_btf() != 0; /* expect: unknown-helper */ /* cause: since 5.11 */

	found.increment(seen);
	return 0;
}
