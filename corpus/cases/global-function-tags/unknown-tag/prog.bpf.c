#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define __arg_readonly __attribute__((btf_decl_tag("arg:readonly")))

__attribute__((noinline)) int first(__u32 *numbers __arg_readonly)
{
	return numbers ? numbers[0] : 0;
}

SEC("tc")
int look(struct __sk_buff *skb)
{
	__u32 numbers[1] = { skb->len };

	return first(numbers); /* expect: global-function-tags */ /* cause: a tag the kernel does not know */
}

char LICENSE[] SEC("license") = "GPL";
