#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 16);
} log_buf SEC(".maps");

struct head {
	u32 pid;
	s32 nr;
	u64 ts;
};

SEC("raw_tp/sys_enter")
int log_syscall(struct bpf_raw_tracepoint_args *ctx)
{
	struct bpf_dynptr ptr;
	struct head h = {};
	char comm[16];

	h.nr = ctx->args[1];
	if (h.nr < 0)
		return 0;
	h.pid = bpf_get_current_pid_tgid() >> 32;
	h.ts = bpf_ktime_get_ns();
	bpf_get_current_comm(comm, sizeof(comm));
	if (bpf_ringbuf_reserve_dynptr(&log_buf, sizeof(h) + sizeof(comm), 0, &ptr)) {
		bpf_ringbuf_discard_dynptr(&ptr, 0);
		return 0;
	}
	if (bpf_dynptr_write(&ptr, 0, &h, sizeof(h), 0)) {
		bpf_ringbuf_discard_dynptr(&ptr, 0);
		return 0;
	}
	bpf_dynptr_write(&ptr, sizeof(h), comm, sizeof(comm), 0);
	bpf_ringbuf_submit_dynptr(&ptr, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
