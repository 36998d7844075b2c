#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

void bpf_local_irq_save(unsigned long *flags) __ksym;
void bpf_local_irq_restore(unsigned long *flags) __ksym;

unsigned long flags;
__u64 packets;

SEC("tc")
int count(struct __sk_buff *skb)
{
	bpf_local_irq_save(&flags); /* expect: irq-flag-argument */ /* cause: not on the stack */
	packets++;
	bpf_local_irq_restore(&flags);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
