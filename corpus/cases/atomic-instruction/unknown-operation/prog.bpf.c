#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

__u64 packets;

SEC("tc")
int count(struct __sk_buff *skb)
{
	__u64 *at = &packets;

	/* lock *(u64 *)(r1 + 0) += r2 with an operation that no kernel knows (0x33) */
	asm volatile("r1 = %[at]; r2 = 1; .8byte 0x00000033000021db" : : [at] "r"(at) : "r1", "r2", "memory"); /* expect: atomic-instruction */ /* cause: an operation that does not exist */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
