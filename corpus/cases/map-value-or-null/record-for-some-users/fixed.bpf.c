#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

struct event {
	u32 uid;
	u32 flags;
	u64 ts;
	char name[128];
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
} events SEC(".maps");

const volatile u32 min_uid = 1000;

SEC("tp/syscalls/sys_enter_openat")
int handle_openat(struct trace_event_raw_sys_enter *ctx)
{
	struct event *e;
	long len;
	u32 uid = (u32)bpf_get_current_uid_gid();

	e = bpf_ringbuf_reserve(&events, sizeof(struct event), 0);
	if (!e)
		return 0;
	if (uid < min_uid) {
		bpf_ringbuf_discard(e, 0);
		return 0;
	}
	e->uid = uid;
	e->flags = (u32)ctx->args[2];
	e->ts = bpf_ktime_get_ns();
	len = bpf_probe_read_user_str(e->name, sizeof(e->name), (void *)ctx->args[1]);
	if (len <= 0) {
		bpf_ringbuf_discard(e, 0);
		return 0;
	}
	bpf_ringbuf_submit(e, 0);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
