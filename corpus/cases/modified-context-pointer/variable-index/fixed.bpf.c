#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int classify(struct __sk_buff *skb)
{
	__u32 slot = skb->queue_mapping, value = 0;

	switch (slot) {
	case 0: value = *(volatile __u32 *)&skb->cb[0]; break;
	case 1: value = *(volatile __u32 *)&skb->cb[1]; break;
	case 2: value = *(volatile __u32 *)&skb->cb[2]; break;
	case 3: value = *(volatile __u32 *)&skb->cb[3]; break;
	case 4: value = *(volatile __u32 *)&skb->cb[4]; break;
	}
	return value != 0;
}

char LICENSE[] SEC("license") = "GPL";
