#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, __u32);
	__type(value, __u64);
} events SEC(".maps");

SEC("tc")
int report(struct __sk_buff *skb)
{
	__u32 *length = bpf_ringbuf_reserve(&events, 4, 0); /* expect: map-type-for-helper */ /* cause: a hash, not a ring buffer */

	if (!length)
		return 0;
	*length = skb->len;
	bpf_ringbuf_submit(length, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
