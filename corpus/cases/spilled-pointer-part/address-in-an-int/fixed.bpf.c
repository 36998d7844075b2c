#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int shorten(struct __sk_buff *skb)
{
	volatile __u32 id = skb->hash;

	return id & 1;
}

char LICENSE[] SEC("license") = "GPL";
