#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int half(struct __sk_buff *skb)
{
	volatile __u32 kept = skb->len;
	__u32 low = kept;

	return low & 1;
}

char LICENSE[] SEC("license") = "GPL";
