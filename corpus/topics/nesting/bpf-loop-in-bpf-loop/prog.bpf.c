#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

static long inner(__u64 k, __u32 *sum)
{
	*sum += k;
	return 0;
}

static long outer(__u64 i, __u32 *sum)
{
	bpf_loop(1000, inner, sum, 0);
	return 0;
}

SEC("socket")
int table(struct __sk_buff *skb)
{
	__u32 sum = skb->len;

	bpf_loop(1000, outer, &sum, 0);
	return sum;
}

char LICENSE[] SEC("license") = "GPL";
