#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

SEC("tp_btf/sched_switch")
int BPF_PROG(on_switch, bool preempt, struct task_struct *prev)
{
	__u64 *both = (void *)&prev->pid;

	asm volatile("" : "+r"(both));
	return *both == 1; /* expect: kernel-struct-bounds */ /* cause: 8 bytes of a member of 4 */
}

char LICENSE[] SEC("license") = "GPL";
