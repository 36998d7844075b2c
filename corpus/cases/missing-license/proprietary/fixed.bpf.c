#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#define NAME_MAX 64

struct args {
	const char *name;
	int flags;
};

struct event {
	__u64 when;
	__u32 pid;
	int flags;
	char comm[16];
	char name[NAME_MAX];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 10240);
	__type(key, __u64);
	__type(value, struct args);
} opened SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct event);
} scratch SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} events SEC(".maps");

SEC("tracepoint/syscalls/sys_exit_openat")
int on_openat(struct syscall_trace_exit *ctx)
{
	__u64 id = bpf_get_current_pid_tgid();
	struct event *event;
	struct args *args;
	__u32 zero = 0;
	long length;

	args = bpf_map_lookup_elem(&opened, &id);
	if (!args)
		return 0;
	event = bpf_map_lookup_elem(&scratch, &zero);
	if (!event)
		return 0;
	event->when = bpf_ktime_get_ns();
	event->pid = id >> 32;
	event->flags = args->flags;
	bpf_get_current_comm(event->comm, sizeof(event->comm));
	length = bpf_probe_read_user_str(event->name, sizeof(event->name), args->name);
	if (length < 0)
		goto done;
	bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, event, sizeof(*event));
done:
	bpf_map_delete_elem(&opened, &id);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
