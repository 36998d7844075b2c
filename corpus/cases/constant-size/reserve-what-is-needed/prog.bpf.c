#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 16);
} events SEC(".maps");

SEC("tc")
int report(struct __sk_buff *skb)
{
	__u32 size = skb->len & 63;
	char *e = bpf_ringbuf_reserve(&events, size, 0); /* expect: constant-size */ /* cause: known at run time only */

	if (!e)
		return 0;
	bpf_ringbuf_submit(e, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
