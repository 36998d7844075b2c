#define pid 0 /* cause: every `pid` of the headers below becomes a 0 */
#include <linux/sched.h> /* expect: kernel-headers-unfit */

BPF_ARRAY(wanted, u32, 1);

int kprobe__vfs_open(struct pt_regs *ctx)
{
	int key = pid;
	u32 *id = wanted.lookup(&key);

	if (id && *id == bpf_get_current_pid_tgid() >> 32)
		bpf_trace_printk("opens\n");
	return 0;
}
