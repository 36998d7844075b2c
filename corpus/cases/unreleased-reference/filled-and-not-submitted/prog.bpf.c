#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

#define ARGSIZE 64
#define TOTAL 256

struct event {
	u32 pid;
	u32 uid;
	int argc;
	u32 size;
	char comm[16];
	char args[TOTAL];
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 18);
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct event);
} scratch SEC(".maps");

const volatile u32 target_uid = 0;
const volatile u32 only_pid = 0;

SEC("tracepoint/syscalls/sys_enter_execve")
int trace_execve(struct trace_event_raw_sys_enter *ctx)
{
	u32 zero = 0, uid = bpf_get_current_uid_gid();
	struct event *e;
	const char **args = (const char **)ctx->args[1];
	const char *argp;
	long len;
	int i;

	if (target_uid && uid != target_uid)
		return 0;
	e = bpf_map_lookup_elem(&scratch, &zero);
	if (!e)
		return 0;
	e->pid = bpf_get_current_pid_tgid() >> 32;
	e->uid = uid;
	e->argc = 0;
	e->size = 0;
	bpf_get_current_comm(e->comm, sizeof(e->comm));

	for (i = 0; i < 8; i++) {
		argp = NULL;
		if (bpf_probe_read_user(&argp, sizeof(argp), &args[i]) || !argp)
			break;
		if (e->size > TOTAL - ARGSIZE)
			break;
		len = bpf_probe_read_user_str(&e->args[e->size], ARGSIZE, argp);
		if (len < 0)
			break;
		e->size += len;
		e->argc++;
	}
	bpf_ringbuf_output(&events, e, sizeof(*e), 0);
	return 0;
}

SEC("tracepoint/syscalls/sys_enter_openat")
int trace_openat(struct trace_event_raw_sys_enter *ctx)
{
	struct event *e;
	u32 pid = bpf_get_current_pid_tgid() >> 32;
	int n;

	e = bpf_ringbuf_reserve(&events, sizeof(*e), 0); /* cause: never submitted */
	if (!e)
		return 0;
	if (only_pid && pid != only_pid) {
		bpf_ringbuf_discard(e, 0);
		return 0;
	}
	e->pid = pid;
	n = bpf_probe_read_user_str(e->args, sizeof(e->args), (void *)ctx->args[1]);
	if (n <= 0) {
		bpf_ringbuf_discard(e, 0);
		return 0;
	}
	e->size = n;
	return 0;
} /* expect: unreleased-reference */

char LICENSE[] SEC("license") = "GPL";
