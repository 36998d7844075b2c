#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, char[40]);
} texts SEC(".maps");

__u32 wanted;

SEC("kprobe/vfs_read")
int text(void *ctx)
{
	__u32 key = 0, size = wanted;
	char *at = bpf_map_lookup_elem(&texts, &key);

	if (at) {
		if (size > 40)
			size = 40;
		bpf_probe_read_kernel(at, size, ctx);
	}
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
