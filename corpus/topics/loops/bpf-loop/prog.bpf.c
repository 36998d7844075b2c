#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

static long add(__u64 round, __u32 *sum)
{
	*sum += round;
	return 0; /* 1 ends the loop */
}

SEC("socket")
int total(struct __sk_buff *skb)
{
	__u32 sum = 0;

	bpf_loop(skb->len, add, &sum, 0);
	return sum;
}

char LICENSE[] SEC("license") = "GPL";
