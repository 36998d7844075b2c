#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

struct header {
	__u32 length, kind;
};

SEC("tc")
int report(struct __sk_buff *skb)
{
	struct header *header = bpf_ringbuf_reserve(&events, 32, 0);

	if (!header)
		return 0;
	header->length = skb->len;
	header->kind = 1;
	bpf_ringbuf_submit(header + 1, 0); /* expect: original-pointer-required */ /* cause: not where the record starts */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
