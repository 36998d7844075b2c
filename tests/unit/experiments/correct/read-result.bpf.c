/* What a read returned, up to the size of the buffer, goes to user space. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, char[4096]);
} heap SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
} events SEC(".maps");

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
	__u32 zero = 0;
	__u64 id = bpf_get_current_pid_tgid(), *buf;
	char *copy = bpf_map_lookup_elem(&heap, &zero);
	int n = ctx->ret;

	buf = bpf_map_lookup_elem(&buffers, &id);
	if (!buf || !copy)
		return 0;
	if (n <= 0 || n > 4096)
		return 0;
	if (bpf_probe_read_user(copy, n, (void *)*buf))
		return 0;
	bpf_ringbuf_output(&events, copy, n, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
