#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

extern void crash_kexec(struct pt_regs *regs) __ksym;

SEC("tc")
int magic_packet(struct __sk_buff *skb)
{
	struct pt_regs regs = {};

	if (skb->mark == 0xdead)
		crash_kexec(&regs); /* expect: destructive-kfunc */ /* cause: ends the running system */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
