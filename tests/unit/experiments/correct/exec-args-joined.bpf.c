/* Joins the arguments of a new program into one record. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define ARGS 8
#define ARG_MAX 64
#define ROOM 512

struct event {
	__u32 pid;
	__u32 size;
	char args[ROOM + ARG_MAX];
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

struct enter {
	__u64 pad;
	long nr;
	const char *path;
	const char *const *argv;
	const char *const *envp;
};

SEC("tracepoint/syscalls/sys_enter_execve")
int on_execve(struct enter *ctx)
{
	__u32 zero = 0;
	struct event *e = bpf_map_lookup_elem(&heap, &zero);
	const char *arg;
	int i, n;

	if (!e)
		return 0;
	e->pid = bpf_get_current_pid_tgid() >> 32;
	e->size = 0;
	for (i = 0; i < ARGS; i++) {
		if (bpf_probe_read_user(&arg, sizeof(arg), &ctx->argv[i]) || !arg)
			break;
		if (e->size > ROOM)
			break;
		n = bpf_probe_read_user_str(e->args + e->size, ARG_MAX, arg);
		if (n < 0)
			break;
		e->size += n;
	}
	if (e->size <= ROOM)
		bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, e, 8 + e->size);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
