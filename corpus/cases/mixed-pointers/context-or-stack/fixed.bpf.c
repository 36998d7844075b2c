#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int choose(struct __sk_buff *skb)
{
	volatile __u32 fallback = 7;

	if (skb->len > 100)
		return skb->len & 1;
	return fallback & 1;
}

char LICENSE[] SEC("license") = "GPL";
