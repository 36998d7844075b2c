#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("cgroup_skb/egress")
int copy(struct __sk_buff *skb)
{
	char byte = 0;

	bpf_skb_load_bytes(skb, (__u32)(unsigned long)skb, &byte, 1); /* expect: pointer-as-number */ /* cause: an address as a number */
	return byte & 1;
}

char LICENSE[] SEC("license") = "GPL";
