#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

struct my_task {
	char before[1 << 20];
	__u64 last;
};

SEC("tp_btf/sched_switch")
int BPF_PROG(on_switch, bool preempt, struct task_struct *prev)
{
	struct my_task *mine = (void *)prev;

	return mine->last == 1; /* expect: kernel-struct-bounds */ /* cause: behind the real structure */
}

char LICENSE[] SEC("license") = "GPL";
