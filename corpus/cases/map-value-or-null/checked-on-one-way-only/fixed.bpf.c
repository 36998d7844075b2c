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
	__u64 *sum = bpf_map_lookup_elem(&seen, &pid);

	if (!sum)
		return 0;
	if (fd == 1) {
		if (!sum)
			return 0;
		bpf_printk("stdout");
	}
	*sum += count;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
