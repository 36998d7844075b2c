#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

SEC("tc")
int report(struct __sk_buff *skb)
{
	__u64 *length = bpf_ringbuf_reserve(&events, sizeof(*length), 0); /* cause: nothing releases it */

	if (!length)
		return 0;
	*length = skb->len;
	if (skb->len > 1500)
		*length |= 1ULL << 32;
	return 0; /* expect: unreleased-reference */
}

char LICENSE[] SEC("license") = "GPL";
