#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define WRAP(outer, inner) struct outer { struct inner in; };
#define EIGHT(n, next) \
	WRAP(n##7, next) WRAP(n##6, n##7) WRAP(n##5, n##6) WRAP(n##4, n##5) \
	WRAP(n##3, n##4) WRAP(n##2, n##3) WRAP(n##1, n##2) WRAP(n##0, n##1)

struct core {
	__u64 number;
};
EIGHT(e, core) EIGHT(d, e0) EIGHT(c, d0) EIGHT(b, c0) EIGHT(a, b0) /* expect: btf-too-large */ /* cause: 40 structures in each other */

static int step(__u32 index, struct a0 *place)
{
	return *(__u64 *)place > index;
}

SEC("tc")
int count(struct __sk_buff *skb)
{
	__u64 one = 1;

	bpf_loop(4, step, &one, 0); /* expect: function-types-missing */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
