#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

#define __kptr

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
int forget(__u64 *ctx)
{
	__u32 key = 0;
	struct task_struct *old;
	struct slot *slot = bpf_map_lookup_elem(&slots, &key);

	if (!slot)
		return 0;
	old = bpf_kptr_xchg(&slot->task, NULL); /* expect: kptr-xchg-target */ /* cause: the field has no tag */
	if (old)
		bpf_task_release(old);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
