#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define __arg_ctx __attribute__((btf_decl_tag("arg:ctx")))

__attribute__((noinline)) int length(struct xdp_md *packet __arg_ctx)
{
	return packet->data_end - packet->data;
}

SEC("tc")
int measure(struct __sk_buff *skb)
{
	return length((struct xdp_md *)skb); /* expect: global-function-context-type */ /* cause: its argument is the context of XDP */
}

char LICENSE[] SEC("license") = "GPL";
