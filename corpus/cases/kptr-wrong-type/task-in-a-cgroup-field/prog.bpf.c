#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#define __kptr __attribute__((btf_type_tag("kptr")))

struct task_struct *bpf_task_acquire(struct task_struct *task) __ksym;
void bpf_task_release(struct task_struct *task) __ksym;
void bpf_cgroup_release(struct cgroup *cgroup) __ksym;

struct slot {
	struct cgroup __kptr *kept;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct slot);
} slots SEC(".maps");

SEC("tp_btf/task_newtask")
int remember(__u64 *ctx)
{
	__u32 key = 0;
	void *old;
	struct task_struct *task;
	struct slot *slot = bpf_map_lookup_elem(&slots, &key);

	if (!slot)
		return 0;
	task = bpf_task_acquire((void *)ctx[0]);
	if (!task)
		return 0;
	old = bpf_kptr_xchg(&slot->kept, task); /* expect: kptr-wrong-type */ /* cause: a task for a field of cgroups */
	if (old)
		bpf_cgroup_release(old);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
