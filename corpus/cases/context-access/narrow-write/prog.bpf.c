#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int mark(struct __sk_buff *skb)
{
	*(volatile __u16 *)&skb->mark = 7; /* expect: context-access */ /* cause: half of the field */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
