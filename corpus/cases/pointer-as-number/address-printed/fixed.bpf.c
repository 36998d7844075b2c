#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("cgroup_skb/egress")
int copy(struct __sk_buff *skb)
{
	char byte = 0;

	bpf_skb_load_bytes(skb, skb->len - 1, &byte, 1);
	return byte & 1;
}

char LICENSE[] SEC("license") = "GPL";
