#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

SEC("tc")
int first(struct __sk_buff *skb)
{
	__u64 address = skb->len, byte = 0;

	bpf_probe_read_kernel(&byte, 1, (void *)address);
	return byte;
}

char LICENSE[] SEC("license") = "GPL";
