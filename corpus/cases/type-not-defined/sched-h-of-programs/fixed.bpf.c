#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

SEC("kprobe/do_exit")
int on_exit(void *ctx)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	int code = 0;

	bpf_core_read(&code, sizeof(code), &task->exit_code);
	bpf_printk("%d", code);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
