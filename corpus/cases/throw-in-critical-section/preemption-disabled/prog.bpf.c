#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

extern void bpf_preempt_disable(void) __ksym;
extern void bpf_preempt_enable(void) __ksym;
extern void bpf_throw(__u64 cookie) __ksym;

SEC("tc")
int check(struct __sk_buff *skb)
{
	bpf_preempt_disable();
	if (skb->len > 1500)
		bpf_throw(1); /* expect: throw-in-critical-section */ /* cause: thrown with preemption disabled */
	bpf_preempt_enable();
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
