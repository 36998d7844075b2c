#include "vmlinux.h"
#include <bpf/bpf_helpers.h>

void bpf_preempt_disable(void) __ksym;
void bpf_preempt_enable(void) __ksym;

__u64 packets, large;

SEC("tc")
int count(struct __sk_buff *skb)
{
	bpf_preempt_disable();
	packets++;
	if (skb->len < 1000) {
		bpf_preempt_enable();
		return 0;
	}
	large++;
	bpf_preempt_enable();
	return 1;
}

char LICENSE[] SEC("license") = "GPL";
