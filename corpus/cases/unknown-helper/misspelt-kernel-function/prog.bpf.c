#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

struct task_struct *bpf_task_aquire(struct task_struct *task) __ksym;
void bpf_task_release(struct task_struct *task) __ksym;

int kept;

SEC("tp_btf/task_newtask")
int keep(__u64 *ctx)
{
	struct task_struct *task = bpf_task_aquire((void *)ctx[0]); /* expect: unknown-helper */ /* cause: misspelt */

	if (task) {
		kept++;
		bpf_task_release(task);
	}
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
