#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define __exception_cb(name) __attribute__((btf_decl_tag("exception_callback:" #name)))

extern void bpf_throw(__u64 cookie) __ksym;

__attribute__((noinline)) int on_error(__u64 cookie)
{
	return cookie;
}

SEC("tc")
__exception_cb(on_error) int check(struct __sk_buff *skb)
{
	if (skb->len > 9000)
		bpf_throw(1);
	if (skb->len > 1500)
		return on_error(2); /* expect: exception-callback-called */ /* cause: called by the program itself */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
