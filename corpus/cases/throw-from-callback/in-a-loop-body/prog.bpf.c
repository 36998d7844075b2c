#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

extern void bpf_throw(__u64 cookie) __ksym;

static int step(__u32 index, __u64 *sum)
{
	if (*sum > 100)
		bpf_throw(index); /* expect: throw-from-callback */ /* cause: thrown in a callback */
	*sum += index;
	return 0;
}

SEC("tc")
int add(struct __sk_buff *skb)
{
	__u64 sum = 0;

	bpf_loop(skb->len & 31, step, &sum, 0);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
