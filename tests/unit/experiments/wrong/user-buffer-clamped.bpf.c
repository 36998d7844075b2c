/* Copies what a call wrote, no more than there is room for. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define ROOM 1024

struct event {
	__u32 pid;
	__u32 size;
	char data[ROOM];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct event);
} heap SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, 4);
	__uint(value_size, 4);
} events SEC(".maps");

#define min(a, b) ((a) < (b) ? (a) : (b))

struct exit {
	__u64 pad;
	long nr;
	long ret;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u64);
	__type(value, __u64);
} buffers SEC(".maps");

SEC("tracepoint/syscalls/sys_exit_read")
int on_read_done(struct exit *ctx)
{
	__u32 zero = 0, size;
	__u64 id = bpf_get_current_pid_tgid(), *buf;
	struct event *e;
	int ret = ctx->ret;

	buf = bpf_map_lookup_elem(&buffers, &id);
	e = bpf_map_lookup_elem(&heap, &zero);
	if (!buf || !e || ret <= 0)
		return 0;
	size = min(ret, 4096);
	e->pid = id >> 32;
	e->size = size;
	if (bpf_probe_read_user(e->data, size, (void *)*buf))
		return 0;
	bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, e, 8 + size);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
