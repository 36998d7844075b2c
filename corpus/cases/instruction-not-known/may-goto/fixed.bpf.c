#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int wait(struct __sk_buff *skb)
{
	int i, sum = 0;

	for (i = 0; i < 64; i++)
		sum += skb->mark;
	return sum & 1;
}

char LICENSE[] SEC("license") = "GPL";
