#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 16);
} events SEC(".maps");

SEC("tc")
int report(struct __sk_buff *skb)
{
	__u32 *a = bpf_ringbuf_reserve(&events, 4, 0);
	__u64 *b;

	if (!a)
		return 0;
	b = bpf_ringbuf_reserve(&events, 8, 0);
	if (b) {
		bpf_strtoul((char *)a, 4, 0, b); /* expect: two-acquired-arguments */ /* cause: two acquired records */
		bpf_ringbuf_discard(b, 0);
	}
	bpf_ringbuf_discard(a, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
