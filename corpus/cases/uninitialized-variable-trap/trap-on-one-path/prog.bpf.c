#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

extern void trap(void) __ksym __asm__("__bpf_trap");

SEC("tc")
int classify(struct __sk_buff *skb)
{
	if (skb->protocol == 8)
		return 1;
	trap(); /* expect: uninitialized-variable-trap */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
