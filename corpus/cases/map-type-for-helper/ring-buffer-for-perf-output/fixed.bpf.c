#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 16);
} events SEC(".maps");

SEC("tc")
int report(struct __sk_buff *skb)
{
	__u32 length = skb->len;

	bpf_ringbuf_output(&events, &length, sizeof(length), 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
