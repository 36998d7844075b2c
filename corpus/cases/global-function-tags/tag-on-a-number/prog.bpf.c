#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define __arg_nonnull __attribute__((btf_decl_tag("arg:nonnull")))

__attribute__((noinline)) int half(__u32 bytes __arg_nonnull)
{
	return bytes / 2;
}

SEC("tc")
int measure(struct __sk_buff *skb)
{
	return half(skb->len); /* expect: global-function-tags */ /* cause: a tag for pointers */
}

char LICENSE[] SEC("license") = "GPL";
