#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int renumber(struct __sk_buff *skb)
{
	skb->mark = 2;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
