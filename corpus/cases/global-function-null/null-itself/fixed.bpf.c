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
	struct options usual = { 1500 };

	return drop(skb->len, &usual);
}

char LICENSE[] SEC("license") = "GPL";
