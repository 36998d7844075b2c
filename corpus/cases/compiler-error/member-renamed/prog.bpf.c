#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

SEC("tp_btf/sched_switch")
int BPF_PROG(on_switch, bool preempt, struct task_struct *prev, struct task_struct *next)
{
	bpf_printk("%ld", BPF_CORE_READ(prev, state)); /* expect: compiler-error */ /* cause: __state since Linux 5.14 */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
