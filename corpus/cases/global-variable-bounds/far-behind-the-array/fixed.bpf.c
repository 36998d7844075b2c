#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__u64 histogram[65];

SEC("tc")
int count(struct __sk_buff *skb)
{
	__u64 *slot = &histogram[64];

	asm volatile("" : "+r"(slot));
	*slot += skb->len;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
