#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int tomorrow(struct __sk_buff *skb)
{
	return bpf_get_prandom_u32() & 1;
}

char LICENSE[] SEC("license") = "GPL";
