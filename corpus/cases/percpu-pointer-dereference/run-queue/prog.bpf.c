#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

extern const struct rq runqueues __ksym;

SEC("tp_btf/sched_switch")
int BPF_PROG(on_switch, bool preempt, struct task_struct *prev)
{
	return runqueues.nr_running == 1; /* expect: percpu-pointer-dereference */ /* cause: each CPU has one */
}

char LICENSE[] SEC("license") = "GPL";
