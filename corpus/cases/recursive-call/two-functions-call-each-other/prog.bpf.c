#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

static __attribute__((noinline)) int list(__u64 *depth);

static __attribute__((noinline)) int element(__u64 *depth)
{
	*depth += 1;
	if (*depth & 8)
		return 1;
	return list(depth) + 1; /* expect: recursive-call */ /* cause: calls the function that called it */
}

static __attribute__((noinline)) int list(__u64 *depth)
{
	return element(depth) + 2; /* expect: recursive-call */
}

SEC("tc")
int parse(struct __sk_buff *skb)
{
	__u64 depth = skb->len;

	return list(&depth);
}

char LICENSE[] SEC("license") = "GPL";
