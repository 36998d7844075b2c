#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define LENGTH (8u << 2)

char copy[64];

SEC("tc")
int keep(struct __sk_buff *skb)
{
	return bpf_skb_load_bytes(skb, 0, copy, LENGTH);
}

char LICENSE[] SEC("license") = "GPL";
