#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define __arg_ctx __attribute__((btf_decl_tag("arg:ctx")))
#define __arg_nonnull __attribute__((btf_decl_tag("arg:nonnull")))

__attribute__((noinline)) int length(struct __sk_buff *skb __arg_ctx __arg_nonnull)
{
	return skb->len;
}

SEC("tc")
int measure(struct __sk_buff *skb)
{
	return length(skb); /* expect: global-function-tags */ /* cause: two tags that exclude each other */
}

char LICENSE[] SEC("license") = "GPL";
