#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <bpf/bpf_helpers.h>

struct event {
	__u32 pid;
	char path[2048];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct event);
} e_memory SEC(".maps");

SEC("kprobe/do_unlinkat")
int on_unlink(struct pt_regs *ctx)
{
	__u32 e_key = 0;
	struct event *e = bpf_map_lookup_elem(&e_memory, &e_key);

	if (!e)
		return 0;
	for (unsigned int at = 0; at < sizeof(*e); at++)
		((volatile char *)e)[at] = 0;

	e->pid = bpf_get_current_pid_tgid() >> 32;
	bpf_probe_read_user_str(e->path, sizeof(e->path), (void *)ctx->rsi);
	bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, e, sizeof(*e));
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
