#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

SEC("tc")
int first(struct __sk_buff *skb)
{
	__u64 address = skb->len;

	return address & 1;
}

char LICENSE[] SEC("license") = "GPL";
