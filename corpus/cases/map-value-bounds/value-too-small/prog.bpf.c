#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct event {
	__u32 pid;
	__u32 uid;
	char comm[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, __u32); /* the map was made for an earlier version of the event */
} last_event SEC(".maps");

SEC("tracepoint/syscalls/sys_enter_execve")
int on_exec(void *ctx)
{
	__u32 pid = bpf_get_current_pid_tgid() >> 32;
	struct event *event = bpf_map_lookup_elem(&last_event, &pid);

	if (!event)
		return 0;
	event->uid = bpf_get_current_uid_gid(); /* expect: map-value-bounds */ /* cause: the value has 4 bytes only */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
