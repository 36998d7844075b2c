#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

extern void bpf_rcu_read_lock(void) __ksym;
extern void bpf_rcu_read_unlock(void) __ksym;

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, u64);
} children SEC(".maps");

SEC("iter.s/task")
int count_children(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task, *parent;
	u64 *count;

	if (!task)
		return 0;
	bpf_rcu_read_lock();
	parent = task->real_parent;
	count = bpf_task_storage_get(&children, parent, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (count)
		*count += 1;
	bpf_rcu_read_unlock();
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
