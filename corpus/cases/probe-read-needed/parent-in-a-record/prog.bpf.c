#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

struct event {
	__u32 pid;
	__u32 parent;
	__u64 started;
	char comm[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 18);
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8192);
	__type(key, __u32);
	__type(value, __u64);
} starts SEC(".maps");

__u32 watched;

SEC("raw_tp/sched_process_exit")
int on_exit(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	__u32 pid = bpf_get_current_pid_tgid() >> 32;
	struct event *event;
	__u64 *started;

	if (watched && pid != watched)
		return 0;
	started = bpf_map_lookup_elem(&starts, &pid);
	if (!started)
		return 0;
	event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event)
		return 0;
	event->pid = pid;
	event->parent = task->real_parent->tgid; /* expect: probe-read-needed */ /* cause: reads kernel memory by itself */
	event->started = *started;
	if (bpf_get_current_comm(event->comm, sizeof(event->comm))) {
		bpf_ringbuf_discard(event, 0);
		return 0;
	}
	bpf_ringbuf_submit(event, 0);
	bpf_map_delete_elem(&starts, &pid);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
