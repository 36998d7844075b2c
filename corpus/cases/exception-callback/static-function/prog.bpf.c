#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define __exception_cb(name) __attribute__((btf_decl_tag("exception_callback:" #name)))

extern void bpf_throw(__u64 cookie) __ksym;

static __attribute__((noinline, used)) int on_error(__u64 cookie) /* expect: exception-callback */ /* cause: static */
{
	return cookie;
}

SEC("tc")
__exception_cb(on_error) int check(struct __sk_buff *skb)
{
	if (skb->len > 1500)
		bpf_throw(1);
	return on_error(0);
}

char LICENSE[] SEC("license") = "GPL";
