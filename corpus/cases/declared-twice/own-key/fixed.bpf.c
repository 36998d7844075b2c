#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

struct my_key {
	u32 pid;
	u32 fd;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct my_key);
	__type(value, u64);
} writes SEC(".maps");

SEC("tp/syscalls/sys_enter_write")
int on_write(struct trace_event_raw_sys_enter *ctx)
{
	struct my_key k = {};
	u64 size = ctx->args[2], *sum;

	k.pid = bpf_get_current_pid_tgid() >> 32;
	k.fd = ctx->args[0];
	sum = bpf_map_lookup_elem(&writes, &k);
	if (sum)
		__sync_fetch_and_add(sum, size);
	else
		bpf_map_update_elem(&writes, &k, &size, BPF_ANY);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
