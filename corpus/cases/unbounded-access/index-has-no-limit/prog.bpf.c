#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define SLOTS 64

__u64 slot[SLOTS];

SEC("tc")
int count_interfaces(struct __sk_buff *skb)
{
	__u32 at = skb->ifindex;

	slot[at]++; /* expect: unbounded-access */ /* cause: never compared */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
