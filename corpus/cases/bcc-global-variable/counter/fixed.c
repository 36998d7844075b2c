#include <uapi/linux/ptrace.h>

BPF_ARRAY(total, u64, 1);

int kprobe__do_exit(struct pt_regs *ctx)
{
	int total_key = 0;
	u64 *total_value = total.lookup(&total_key);

	if (!total_value)
		return 0;
	(*total_value)++;
	if (*total_value == 100)
		bpf_trace_printk("100 exits\n");
	return 0;
}
