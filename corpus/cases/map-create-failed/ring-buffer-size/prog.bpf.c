#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(key_size, 4);
	__uint(max_entries, 4096);
} events SEC(".maps"); /* expect: map-create-failed */ /* cause: has a key */

SEC("tracepoint/syscalls/sys_enter_execve")
int on_exec(void *ctx)
{
	__u64 now = bpf_ktime_get_ns();

	bpf_ringbuf_output(&events, &now, sizeof(now), 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
