#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u64);
	__type(value, __u64);
} seen SEC(".maps");

SEC("kprobe/ksys_write")
int BPF_KPROBE(add_count, unsigned int fd, const char *buf, unsigned long count)
{
	__u64 pid = bpf_get_current_pid_tgid();
	__u64 uid = bpf_get_current_uid_gid();
	__u64 *by_pid = bpf_map_lookup_elem(&seen, &pid);
	__u64 *by_uid = bpf_map_lookup_elem(&seen, &uid);

	if (!by_pid) /* cause: another entry is compared */
		return 0;
	*by_uid += count; /* expect: map-value-or-null */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
