#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

void bpf_preempt_disable(void) __ksym;
void bpf_preempt_enable(void) __ksym;

__u64 packets;

SEC("tc")
int count(struct __sk_buff *skb)
{
	bpf_preempt_disable();
	packets++;
	bpf_preempt_enable(); /* cause: ended here already */
	bpf_preempt_enable(); /* expect: unmatched-region-exit */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
