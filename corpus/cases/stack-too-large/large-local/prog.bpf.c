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

SEC("tracepoint/syscalls/sys_enter_openat")
int on_open(struct sys_enter *ctx)
{
	struct event event = {}; /* expect: stack-too-large */ /* cause: 604 bytes */

	event.pid = bpf_get_current_pid_tgid() >> 32;
	bpf_probe_read_user_str(event.path, sizeof(event.path), (void *)ctx->args[1]);
	bpf_ringbuf_output(&events, &event, sizeof(event), 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
