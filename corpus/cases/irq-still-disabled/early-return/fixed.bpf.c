#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

void bpf_local_irq_save(unsigned long *flags) __ksym;
void bpf_local_irq_restore(unsigned long *flags) __ksym;

__u64 packets, large;

SEC("tc")
int count(struct __sk_buff *skb)
{
	unsigned long flags;

	bpf_local_irq_save(&flags);
	packets++;
	if (skb->len < 1000) {
		bpf_local_irq_restore(&flags);
		return 0;
	}
	large++;
	bpf_local_irq_restore(&flags);
	return 1;
}

char LICENSE[] SEC("license") = "GPL";
