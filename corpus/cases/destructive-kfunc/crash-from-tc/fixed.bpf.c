#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

__u32 crash_wanted; /* the loader reads it, and decides */

SEC("tc")
int magic_packet(struct __sk_buff *skb)
{
	if (skb->mark == 0xdead)
		crash_wanted = 1;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
