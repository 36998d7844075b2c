#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#define __kptr __attribute__((btf_type_tag("kptr")))

struct task_struct *bpf_task_acquire(struct task_struct *task) __ksym;
void bpf_task_release(struct task_struct *task) __ksym;

struct slot {
	struct task_struct __kptr *task;
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
	struct task_struct *task = bpf_task_acquire((void *)ctx[0]);
	struct slot *slot;

	if (!task)
		return 0;
	slot = bpf_map_lookup_elem(&slots, &key);
	if (!slot) {
		bpf_task_release(task);
		return 0;
	}
	slot->task = task; /* expect: kptr-direct-store */ /* cause: stored without bpf_kptr_xchg */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
