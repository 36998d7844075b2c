#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

SEC("tp_btf/sched_switch")
int BPF_PROG(on_switch, bool preempt, struct task_struct *prev)
{
	__u32 low = *(__u32 *)&prev->mm; /* expect: kernel-struct-pointer-member */ /* cause: half of a pointer */

	return low == 0;
}

char LICENSE[] SEC("license") = "GPL";
