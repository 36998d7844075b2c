#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#define MAX_COPY 256

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, char[MAX_COPY]);
} copies SEC(".maps");

SEC("kprobe/ksys_write")
int BPF_KPROBE(on_write, unsigned int fd, const char *buf, unsigned long count)
{
	__u32 key = 0;
	char *copy = bpf_map_lookup_elem(&copies, &key);

	if (!copy)
		return 0;
	bpf_probe_read_user(copy, count, buf); /* expect: unbounded-access */ /* cause: never compared */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
