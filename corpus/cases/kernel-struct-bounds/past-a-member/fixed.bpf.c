#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

SEC("tp_btf/sched_switch")
int BPF_PROG(on_switch, bool preempt, struct task_struct *prev)
{
	return prev->pid == 1 && prev->tgid == 1;
}

char LICENSE[] SEC("license") = "GPL";
