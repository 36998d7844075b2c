#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

extern const struct rq run_queues __ksym;

SEC("tp_btf/sched_switch")
int BPF_PROG(on_switch, bool preempt, struct task_struct *prev)
{
	struct rq *rq = bpf_this_cpu_ptr(&run_queues); /* expect: extern-unresolved */ /* cause: the kernel has no such variable */

	bpf_printk("%d", rq->nr_running);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
