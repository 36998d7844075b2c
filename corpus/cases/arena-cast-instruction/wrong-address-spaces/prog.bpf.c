#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

SEC("tc")
int first(struct __sk_buff *skb)
{
	__u64 address = skb->len;

	/* r1 = addr_space_cast(r1, 2, 0) */
	asm volatile("r1 = %[address]; .8byte 0x00020000000111bf; %[address] = r1" : [address] "+r"(address) : : "r1"); /* expect: arena-cast-instruction */ /* cause: casts to address space 2 */
	return address & 1;
}

char LICENSE[] SEC("license") = "GPL";
