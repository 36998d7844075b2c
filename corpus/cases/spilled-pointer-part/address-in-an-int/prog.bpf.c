#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int shorten(struct __sk_buff *skb)
{
	volatile __u32 id = (__u32)(unsigned long)skb; /* expect: spilled-pointer-part */ /* cause: half of a pointer */

	return id & 1;
}

char LICENSE[] SEC("license") = "GPL";
