#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct value {
	__u64 last;
	__u32 index;
	__u32 spare;
	char table[32];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct value);
} values SEC(".maps");

SEC("kprobe/do_exit")
int on_exit(void *ctx)
{
	__u32 key = 0;
	struct value *value = bpf_map_lookup_elem(&values, &key);
	__u32 *kept;

	if (!value)
		return 0;
	kept = (__u32 *)value->last;
	typeof(*kept) value_copy = 0;

	bpf_probe_read_kernel(&value_copy, sizeof(value_copy), kept);
	return value_copy == 1;
}

char LICENSE[] SEC("license") = "GPL";
