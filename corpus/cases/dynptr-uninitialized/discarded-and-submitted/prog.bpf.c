#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

SEC("tc")
int report(struct __sk_buff *skb)
{
	__u32 length = skb->len;
	struct bpf_dynptr record;

	bpf_ringbuf_reserve_dynptr(&events, sizeof(length), 0, &record);
	if (bpf_dynptr_write(&record, 0, &length, sizeof(length), 0))
		bpf_ringbuf_discard_dynptr(&record, 0); /* cause: ends it, and the program goes on */
	bpf_ringbuf_submit_dynptr(&record, 0); /* expect: dynptr-uninitialized */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
