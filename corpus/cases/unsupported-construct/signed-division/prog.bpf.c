#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

int total = 100;

SEC("tc")
int average(struct __sk_buff *skb)
{
	int packets = skb->mark;

	if (packets <= 0)
		return 0;
	return total / packets; /* expect: unsupported-construct */ /* cause: signed division */
}

char LICENSE[] SEC("license") = "GPL";
