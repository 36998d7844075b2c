#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

SEC("tp_btf/sched_switch")
int BPF_PROG(on_switch, bool preempt, struct task_struct *prev)
{
	__u32 i = bpf_get_prandom_u32() & 15;

	return prev->comm[i] == 'x'; /* expect: kernel-struct-offset */ /* cause: the index is not constant */
}

char LICENSE[] SEC("license") = "GPL";
