#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

struct outer {
	__u64 id;
	struct task_struct task;
};

SEC("tp_btf/sched_switch")
int BPF_PROG(on_switch, bool preempt, struct task_struct *prev)
{
	struct outer *outer = (void *)prev - 8;

	return outer->id == 1; /* expect: kernel-struct-offset */ /* cause: in front of the structure */
}

char LICENSE[] SEC("license") = "GPL";
