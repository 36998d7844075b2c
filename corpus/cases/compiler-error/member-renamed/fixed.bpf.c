#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

struct task_struct___old {
	long state;
} __attribute__((preserve_access_index));

SEC("tp_btf/sched_switch")
int BPF_PROG(on_switch, bool preempt, struct task_struct *prev, struct task_struct *next)
{
	struct task_struct___old *old = (void *)prev;

	if (bpf_core_field_exists(old->state))
		bpf_printk("%ld", BPF_CORE_READ(old, state));
	else
		bpf_printk("%u", BPF_CORE_READ(prev, __state));
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
