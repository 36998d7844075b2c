#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

SEC("tc")
int after(struct __sk_buff *skb)
{
	__u64 *e = bpf_ringbuf_reserve(&events, 8, 0);

	if (!e)
		return 0;
	*e = skb->mark;
	if (skb->len > 100) {
		bpf_ringbuf_submit(e, 0);
		return 1;
	}
	skb->mark = 4;
	return 2;
}

char LICENSE[] SEC("license") = "GPL";
