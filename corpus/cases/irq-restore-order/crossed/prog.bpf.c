#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

void bpf_local_irq_save(unsigned long *flags) __ksym;
void bpf_local_irq_restore(unsigned long *flags) __ksym;

__u64 packets;

SEC("tc")
int count(struct __sk_buff *skb)
{
	unsigned long outer, inner;

	bpf_local_irq_save(&outer);
	bpf_local_irq_save(&inner);
	packets++;
	bpf_local_irq_restore(&outer); /* expect: irq-restore-order */ /* cause: inner was saved last */
	bpf_local_irq_restore(&inner);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
