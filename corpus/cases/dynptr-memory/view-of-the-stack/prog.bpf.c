#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, char[64]);
} buffers SEC(".maps");

SEC("tc")
int first(struct __sk_buff *skb)
{
	struct bpf_dynptr view;
	char byte = 0;
	char buffer[64] = {};

	bpf_dynptr_from_mem(buffer, 64, 0, &view); /* expect: dynptr-memory */ /* cause: memory of the stack */
	bpf_dynptr_read(&byte, 1, &view, 0, 0);
	return byte;
}

char LICENSE[] SEC("license") = "GPL";
