#include <linux/sched.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("kprobe/do_exit")
int on_exit(void *ctx)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	int code = 0;

	bpf_probe_read_kernel(&code, sizeof(code), &task->exit_code);
	bpf_printk("%d", code);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
