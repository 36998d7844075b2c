#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

SEC("tp_btf/sched_switch")
int BPF_PROG(on_switch, bool preempt, struct task_struct *prev)
{
	struct mm_struct *mm = prev->mm;

	return !mm;
}

char LICENSE[] SEC("license") = "GPL";
