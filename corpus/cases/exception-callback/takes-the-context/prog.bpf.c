#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define __exception_cb(name) __attribute__((btf_decl_tag("exception_callback:" #name)))

extern void bpf_throw(__u64 cookie) __ksym;

__attribute__((noinline)) int on_error(struct __sk_buff *skb) /* expect: exception-callback */ /* cause: takes the context */
{
	return skb->len;
}

SEC("tc")
__exception_cb(on_error) int check(struct __sk_buff *skb)
{
	if (skb->len > 1500)
		bpf_throw(1);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
