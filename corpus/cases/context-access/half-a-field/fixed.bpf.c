#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int tag(struct __sk_buff *skb)
{
	skb->mark = (skb->mark & ~0xff) | 7;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
