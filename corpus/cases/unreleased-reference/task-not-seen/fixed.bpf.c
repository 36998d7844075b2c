#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

struct task_struct *bpf_task_from_pid(s32 pid) __ksym;
struct task_struct *bpf_task_acquire(struct task_struct *task) __ksym;
void bpf_task_release(struct task_struct *task) __ksym;
void bpf_rcu_read_lock(void) __ksym;
void bpf_rcu_read_unlock(void) __ksym;

struct seen {
	__u32 parent;
	__u32 exits;
	char name[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, __u32);
	__type(value, struct seen);
} tasks SEC(".maps");

__u64 missed, busy;
__s32 init_pid = 1;

SEC("tp_btf/sched_process_exit")
int BPF_PROG(on_exit, struct task_struct *task)
{
	struct task_struct *init, *parent;
	__u32 pid = task->pid;
	struct seen *seen;

	init = bpf_task_from_pid(init_pid);
	if (!init)
		return 0;
	seen = bpf_map_lookup_elem(&tasks, &pid);
	if (!seen) {
		missed++;
		bpf_task_release(init);
		return 0;
	}
	bpf_rcu_read_lock();
	parent = task->real_parent;
	seen->parent = parent->tgid;
	if (seen->parent == pid) {
		busy++;
		bpf_rcu_read_unlock();
		bpf_task_release(init);
		return 0;
	}
	bpf_rcu_read_unlock();
	seen->exits++;
	bpf_probe_read_kernel_str(seen->name, sizeof(seen->name), init->comm);
	bpf_task_release(init);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
