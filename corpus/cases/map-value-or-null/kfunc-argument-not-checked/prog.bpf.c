#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

struct task_struct *bpf_task_from_pid(__s32 pid) __ksym;
void bpf_task_release(struct task_struct *task) __ksym;

int parents;

SEC("tp_btf/task_newtask")
int count_parents(__u64 *ctx)
{
	struct task_struct *parent = bpf_task_from_pid(1);

	parents++;
	bpf_task_release(parent); /* expect: map-value-or-null */ /* cause: never compared with NULL */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
