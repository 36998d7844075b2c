#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

static int add(__u32 size, __u64 *sum)
{
	*sum += size;
	return 0;
}

SEC("tc")
int count(struct __sk_buff *skb)
{
	__u64 sum = 0;

	bpf_loop(4, add, &sum, 0);
	return sum & 1;
}

char LICENSE[] SEC("license") = "GPL";
