#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct task_struct *);
	__type(value, __u64);
} started SEC(".maps");

__u64 last_flags;

SEC("tp_btf/sched_process_exit")
int BPF_PROG(on_exit, struct task_struct *task)
{
	struct task_struct *key = task;
	__u64 *seen;

	seen = bpf_map_lookup_elem(&started, &key);
	if (!seen)
		return 0;

	last_flags = task->flags;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
