#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct event {
	__u32 pid;
	char path[600];
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 16);
} events SEC(".maps");

struct sys_enter {
	unsigned long long common;
	long id;
	unsigned long args[6];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct event);
} event_memory SEC(".maps");

SEC("tracepoint/syscalls/sys_enter_openat")
int on_open(struct sys_enter *ctx)
{
	__u32 event_key = 0;
	struct event *event = bpf_map_lookup_elem(&event_memory, &event_key);

	if (!event)
		return 0;
	__builtin_memset(event, 0, sizeof(*event));

	event->pid = bpf_get_current_pid_tgid() >> 32;
	bpf_probe_read_user_str(event->path, sizeof(event->path), (void *)ctx->args[1]);
	bpf_ringbuf_output(&events, event, sizeof(*event), 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
