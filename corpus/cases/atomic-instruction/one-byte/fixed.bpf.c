#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

__u64 packets;

SEC("tc")
int count(struct __sk_buff *skb)
{
	__sync_fetch_and_add(&packets, 1);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
