#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

struct table {
	__u64 slots[16];
	__u32 next;
	__u32 len;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct table);
} tables SEC(".maps");

SEC("kprobe/ksys_write")
int BPF_KPROBE(copy_payload, unsigned int fd, const char *buf, unsigned long count)
{
	__u32 key = 0;
	struct table *t = bpf_map_lookup_elem(&tables, &key);

	if (!t)
		return 0;
	__u32 len = t->len;

	if (len > sizeof(*t))
		return 0;
	len -= 4; /* cause: less than nothing when len is below 4 */
	bpf_probe_read_user(t, len, buf); /* expect: unbounded-access */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
