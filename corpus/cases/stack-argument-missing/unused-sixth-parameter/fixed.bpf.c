#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

static __attribute__((noinline)) int weigh(__u32 len, __u32 mark, __u32 hash, __u32 queue, __u32 prio)
{
	return (len ^ mark) + (hash ^ queue) * prio;
}

SEC("tc")
int pick(struct __sk_buff *skb)
{
	return weigh(skb->len, skb->mark, skb->hash, skb->queue_mapping, skb->priority) & 1;
}

char LICENSE[] SEC("license") = "GPL";
