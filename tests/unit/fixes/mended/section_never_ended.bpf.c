#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

void bpf_rcu_read_lock(void) __ksym;
void bpf_rcu_read_unlock(void) __ksym;

int parent;

SEC("tp_btf/sys_enter")
int remember(__u64 *ctx)
{
	struct task_struct *task = bpf_get_current_task_btf();

	if (ctx[1] == 60) {
		bpf_rcu_read_lock();
		parent = task->real_parent->tgid;
	}
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
