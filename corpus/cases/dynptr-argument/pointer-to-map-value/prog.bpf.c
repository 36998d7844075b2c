#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

__u64 bpf_dynptr_size(const struct bpf_dynptr *p) __ksym;

struct buffer {
	struct bpf_dynptr view;
	char bytes[64];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, char[80]);
} buffers SEC(".maps");

SEC("tc")
int first(struct __sk_buff *skb)
{
	__u32 key = 0;
	__u64 size;
	struct buffer *buffer = bpf_map_lookup_elem(&buffers, &key);

	if (!buffer)
		return 0;
	size = bpf_dynptr_size(&buffer->view); /* expect: dynptr-argument */ /* cause: points to a map value, not to a dynptr */
	return size;
}

char LICENSE[] SEC("license") = "GPL";
