#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct event {
	__u32 pid;
	__u64 time;
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

__u64 last;

SEC("tracepoint/syscalls/sys_enter_getpid")
int report(void *ctx)
{
	struct event *event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);

	if (!event)
		return 0;
	event->pid = bpf_get_current_pid_tgid() >> 32;
	event->time = bpf_ktime_get_ns();
	typeof(event->time) time = event->time;
	bpf_ringbuf_submit(event, 0);
	last = time;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
