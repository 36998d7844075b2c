#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int mark(struct __sk_buff *skb)
{
	__u32 value = skb->len /* expect: compiler-error */ /* cause: no semicolon */

	skb->mark = value;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
