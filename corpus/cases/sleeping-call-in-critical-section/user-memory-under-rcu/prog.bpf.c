#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

void bpf_rcu_read_lock(void) __ksym;
void bpf_rcu_read_unlock(void) __ksym;

char name[16];

SEC("syscall")
int read_name(void *ctx)
{
	struct task_struct *task = bpf_get_current_task_btf();
	__u64 address = 0;

	bpf_rcu_read_lock();
	if (task->real_parent)
		address = task->real_parent->start_time;
	bpf_copy_from_user(name, sizeof(name), (void *)address); /* expect: sleeping-call-in-critical-section */ /* cause: may sleep, inside an RCU section */
	bpf_rcu_read_unlock();
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
