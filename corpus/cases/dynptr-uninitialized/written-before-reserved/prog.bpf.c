#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

SEC("tc")
int report(struct __sk_buff *skb)
{
	struct bpf_dynptr record = {};
	__u32 length = skb->len;

	bpf_dynptr_write(&record, 0, &length, sizeof(length), 0); /* expect: dynptr-uninitialized */ /* cause: not reserved yet */
	bpf_ringbuf_reserve_dynptr(&events, 16, 0, &record);
	bpf_ringbuf_submit_dynptr(&record, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
