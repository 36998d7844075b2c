#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int bits(struct __sk_buff *skb)
{
	return __builtin_popcountg(skb->mark); /* expect: builtin-unknown */ /* cause: newer than this clang */
}

char LICENSE[] SEC("license") = "GPL";
