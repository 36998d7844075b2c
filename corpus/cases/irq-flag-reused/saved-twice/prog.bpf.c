#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

void bpf_local_irq_save(unsigned long *flags) __ksym;
void bpf_local_irq_restore(unsigned long *flags) __ksym;

__u64 packets;

SEC("tc")
int count(struct __sk_buff *skb)
{
	unsigned long flags;

	bpf_local_irq_save(&flags);
	bpf_local_irq_save(&flags); /* expect: irq-flag-reused */ /* cause: holds what was saved before */
	packets++;
	bpf_local_irq_restore(&flags);
	bpf_local_irq_restore(&flags);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
