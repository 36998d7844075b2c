#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct session {
	__u64 started;
	char user[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, struct session);
} sessions SEC(".maps");

SEC("tracepoint/syscalls/sys_enter_setuid")
int on_setuid(void *ctx)
{
	__u32 pid = bpf_get_current_pid_tgid() >> 32;
	struct session *session = bpf_map_lookup_elem(&sessions, &pid);

	bpf_get_current_comm(session->user, sizeof(session->user)); /* expect: map-value-or-null */ /* cause: never compared with NULL */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
