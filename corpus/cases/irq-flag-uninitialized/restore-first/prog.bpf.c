#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

void bpf_local_irq_save(unsigned long *flags) __ksym;
void bpf_local_irq_restore(unsigned long *flags) __ksym;

__u64 packets;

SEC("tc")
int count(struct __sk_buff *skb)
{
	unsigned long flags = 0;

	packets++;
	bpf_local_irq_restore(&flags); /* expect: irq-flag-uninitialized */ /* cause: nothing was saved in it */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
