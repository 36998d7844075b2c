#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define LAYER(name, next)                                               \
	static __attribute__((noinline)) int name(struct __sk_buff *skb) \
	{                                                               \
		return next(skb) + skb->mark;                           \
	}

static __attribute__((noinline)) int innermost(struct __sk_buff *skb)
{
	return skb->len;
}

LAYER(seventh, innermost) /* expect: call-depth */ /* cause: one call too deep */
LAYER(sixth, seventh)
LAYER(fifth, sixth)
LAYER(fourth, fifth)
LAYER(third, fourth)
LAYER(second, third)
LAYER(first, second)

SEC("tc")
int outermost(struct __sk_buff *skb)
{
	return first(skb);
}

char LICENSE[] SEC("license") = "GPL";
