/* Error codes from -1 to -132 have counters of their own. */
#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

struct errors {
	__u64 seen[133];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct errors);
} counted SEC(".maps");

SEC("kretprobe/vfs_open")
int BPF_KRETPROBE(on_opened, int ret)
{
	__u32 zero = 0;
	struct errors *e = bpf_map_lookup_elem(&counted, &zero);

	if (!e || ret >= 0 || ret < -133)
		return 0;
	e->seen[-ret]++;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
