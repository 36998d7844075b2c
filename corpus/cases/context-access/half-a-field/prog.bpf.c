#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int tag(struct __sk_buff *skb)
{
	*(volatile __u8 *)&skb->mark = 7; /* expect: context-access */ /* cause: one byte of a field of four */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
