#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct point {
	int x, y;
};

__noinline int sum(struct point *point) /* expect: global-function-argument */ /* cause: it takes an address */
{
	return point ? point->x + point->y : 0;
}

SEC("tc")
int add(struct __sk_buff *skb)
{
	struct point point = { skb->mark, skb->priority };

	return sum(&point);
}

char LICENSE[] SEC("license") = "GPL";
