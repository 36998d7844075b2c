#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

static __always_inline void drop(void *event)
{
	bpf_ringbuf_discard(event, 0);
}

SEC("tc")
int second(struct __sk_buff *skb)
{
	__u64 *e = bpf_ringbuf_reserve(&events, 8, 0);
	if (!e)
		return 0;
	*e = skb->mark;
	if (skb->len > 100) {
		drop(e);
		return 1;
	}
	if (skb->len > 50) {
		*e = 3;
		bpf_ringbuf_discard(e, 0);
		return 2;
	}
	drop(e);
	return 3;
}

char LICENSE[] SEC("license") = "GPL";
