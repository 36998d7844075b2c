#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define __arg_arena __attribute__((btf_decl_tag("arg:arena")))
#define __arg_nonnull __attribute__((btf_decl_tag("arg:nonnull")))

__attribute__((noinline)) int present(void *node __arg_arena __arg_nonnull)
{
	return node != 0;
}

SEC("tc")
int look(struct __sk_buff *skb)
{
	return present((void *)(long)skb->hash); /* expect: global-function-tags */ /* cause: two tags that exclude each other */
}

char LICENSE[] SEC("license") = "GPL";
