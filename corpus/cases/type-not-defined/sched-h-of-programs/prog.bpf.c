#include <linux/sched.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("kprobe/do_exit")
int on_exit(void *ctx)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	int code = 0;

	bpf_probe_read_kernel(&code, sizeof(code), &task->exit_code); /* expect: type-not-defined */ /* cause: <linux/sched.h> of programs has constants only */
	bpf_printk("%d", code);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
