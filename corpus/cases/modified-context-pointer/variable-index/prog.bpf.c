#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int classify(struct __sk_buff *skb)
{
	__u32 slot = skb->queue_mapping;

	if (slot > 4)
		return 0;
	return skb->cb[slot] != 0; /* expect: modified-context-pointer */ /* cause: the index is added to skb */
}

char LICENSE[] SEC("license") = "GPL";
