#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define __arg_nonnull __attribute__((btf_decl_tag("arg:nonnull")))

struct options {
	__u32 limit;
};

__attribute__((noinline)) int drop(__u32 bytes, struct options *options __arg_nonnull)
{
	return bytes > options->limit;
}

SEC("tc")
int police(struct __sk_buff *skb)
{
	return drop(skb->len, 0); /* expect: global-function-null */ /* cause: NULL */
}

char LICENSE[] SEC("license") = "GPL";
