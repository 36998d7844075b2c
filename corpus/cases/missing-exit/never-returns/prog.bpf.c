#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

/* Taken from user space, where abort() ends the program. */
static __noinline void bug(void) /* expect: missing-exit */ /* cause: does not return */
{
	bpf_printk("cannot happen");
	__builtin_unreachable();
}

SEC("tc")
int pass(struct __sk_buff *skb)
{
	if (skb->len == 0)
		bug();
	return 1;
}

char LICENSE[] SEC("license") = "GPL";
