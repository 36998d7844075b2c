#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

struct cgroup *bpf_cgroup_acquire(struct cgroup *group) __ksym;
void bpf_cgroup_release(struct cgroup *group) __ksym;
void bpf_rcu_read_lock(void) __ksym;
void bpf_rcu_read_unlock(void) __ksym;

int level;

SEC("syscall")
int current_level(void *ctx)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct cgroup *group, *kept;

	bpf_rcu_read_lock();
	group = task->cgroups->dfl_cgrp;
	kept = bpf_cgroup_acquire(group);
	bpf_rcu_read_unlock();
	if (!kept)
		return 0;
	level = kept->level;
	bpf_cgroup_release(kept);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
