#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

__u64 packets;

SEC("tc")
int count(struct __sk_buff *skb)
{
	__u64 *at = &packets;

	/* lock *(u8 *)(r1 + 0) += r2 */
	asm volatile("r1 = %[at]; r2 = 1; .8byte 0x00000000000021d3" : : [at] "r"(at) : "r1", "r2", "memory"); /* expect: atomic-instruction */ /* cause: atomic on one byte */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
