#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int mark(struct __sk_buff *skb)
{
	skb->mark = 7;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
