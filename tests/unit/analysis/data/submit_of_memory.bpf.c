#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, char[64]);
} buffers SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

SEC("tc")
int report(struct __sk_buff *skb)
{
	__u32 key = 0;
	struct bpf_dynptr record;
	char *buffer = bpf_map_lookup_elem(&buffers, &key);

	if (!buffer)
		return 0;
	bpf_dynptr_from_mem(buffer, 64, 0, &record); /* cause: a view of a map value */
	bpf_ringbuf_submit_dynptr(&record, 0); /* expect: dynptr-wrong-type */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
