#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

SEC("tp_btf/sched_switch")
int BPF_PROG(on_switch, bool preempt, struct task_struct *prev)
{
	__u32 flags = prev->flags;
	return flags == 1;
}

char LICENSE[] SEC("license") = "GPL";
