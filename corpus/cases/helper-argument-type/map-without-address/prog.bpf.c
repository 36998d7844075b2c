#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int load(struct __sk_buff *skb)
{
	bpf_skb_load_bytes(skb, 0, (void *)(long)skb->len, 4); /* expect: helper-argument-type */ /* cause: a number, not an address */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
