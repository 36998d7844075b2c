#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

SEC("tp_btf/sched_switch")
int BPF_PROG(on_switch, bool preempt, struct task_struct *prev)
{
	int value = prev->pid;

	if (bpf_core_field_exists(value)) /* expect: core-builtin-misused */ /* cause: a variable, not a field */
		bpf_printk("%d", value);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
