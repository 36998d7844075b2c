#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__u64 seen;

__attribute__((noinline)) void note(__u32 bytes)
{
	seen += bytes;
}

SEC("tc")
int count(struct __sk_buff *skb)
{
	note(skb->len); /* expect: global-function-return */ /* cause: returns nothing */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
