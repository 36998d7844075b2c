#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int length(struct __sk_buff *skb) /* expect: compiler-option-unknown */ /* cause: compiled with -fcf-protection */
{
	return skb->len > 1500;
}

char LICENSE[] SEC("license") = "GPL";
