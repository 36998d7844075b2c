#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

SEC("tc")
int first(struct __sk_buff *skb)
{
	__u64 address = skb->len;

	/* r1 = addr_space_cast(r1, 0, 1), what clang writes for `__arena` pointers */
	asm volatile("r1 = %[address]; .8byte 0x00000001000111bf; %[address] = r1" : [address] "+r"(address) : : "r1"); /* expect: arena-missing */ /* cause: a cast, and no arena in the program */
	return address & 1;
}

char LICENSE[] SEC("license") = "GPL";
