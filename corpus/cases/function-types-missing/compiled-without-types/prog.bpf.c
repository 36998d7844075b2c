#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

static int step(__u32 index, __u64 *sum)
{
	*sum += index;
	return 0;
}

SEC("tc")
int add(struct __sk_buff *skb)
{
	__u64 sum = 0;

	bpf_loop(10, step, &sum, 0); /* expect: function-types-missing */ /* cause: a callback whose type is not known */
	return sum & 1;
}

char LICENSE[] SEC("license") = "GPL";
