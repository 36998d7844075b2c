#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} names SEC(".maps");

SEC("kprobe/do_exit")
int on_exit(void *ctx)
{
	__u32 key = 0;
	char *name = bpf_map_lookup_elem(&names, &key);

	if (name)
		bpf_get_current_comm(name, 16); /* expect: map-value-bounds */ /* cause: 16 bytes into 8 */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
