#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__attribute__((noinline)) int step(__u32 index, __u64 *sum)
{
	if (sum)
		*sum += index;
	return 0;
}

SEC("tc")
int add(struct __sk_buff *skb)
{
	__u64 sum = 0;

	bpf_loop(10, step, &sum, 0); /* expect: callback-not-static */ /* cause: the loop body is a global function */
	return sum & 1;
}

char LICENSE[] SEC("license") = "GPL";
