#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct terms {
	__u32 a, b, c, d, e, f;
};

static __noinline int sum(const struct terms *t)
{
	return t->a + t->b + t->c + t->d + t->e + t->f;
}

SEC("tc")
int total(struct __sk_buff *skb)
{
	struct terms terms = { skb->len, skb->mark, skb->hash, skb->priority, skb->ifindex, skb->tc_index };

	return sum(&terms) & 1;
}

char LICENSE[] SEC("license") = "GPL";
