#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define __arg_arena __attribute__((btf_decl_tag("arg:arena")))

__attribute__((noinline)) int present(void *node __arg_arena)
{
	return node != 0;
}

SEC("tc")
int look(struct __sk_buff *skb)
{
	__u64 node[2] = { skb->len };

	return present(node); /* expect: global-function-arena */ /* cause: the stack is no arena */
}

char LICENSE[] SEC("license") = "GPL";
