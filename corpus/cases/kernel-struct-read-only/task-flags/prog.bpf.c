#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

SEC("tp_btf/sched_switch")
int BPF_PROG(on_switch, bool preempt, struct task_struct *prev)
{
	prev->flags = 1; /* expect: kernel-struct-read-only */ /* cause: may only be read */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
