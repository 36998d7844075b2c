#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

static __attribute__((noinline)) int element(__u64 *depth)
{
	*depth += 1;
	return 1;
}

SEC("tc")
int parse(struct __sk_buff *skb)
{
	__u64 depth = skb->len;
	int i, sum = 0;

	for (i = 0; i < 8 && !(depth & 8); i++)
		sum += element(&depth) + 2;
	return sum;
}

char LICENSE[] SEC("license") = "GPL";
