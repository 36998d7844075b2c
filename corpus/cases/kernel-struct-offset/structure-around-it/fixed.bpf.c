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

	__u64 id = 0;

	bpf_probe_read_kernel(&id, sizeof(id), &outer->id);
	return id == 1;
}

char LICENSE[] SEC("license") = "GPL";
