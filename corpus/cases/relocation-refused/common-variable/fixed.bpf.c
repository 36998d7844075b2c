#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__u64 packets = 0;

SEC("tc")
int count(struct __sk_buff *skb)
{
	packets++;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
