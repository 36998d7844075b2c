#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int half(struct __sk_buff *skb)
{
	void *volatile kept = skb;
	__u32 low = *(volatile __u32 *)&kept; /* expect: spilled-pointer-part */ /* cause: half of a pointer */

	return low & 1;
}

char LICENSE[] SEC("license") = "GPL";
