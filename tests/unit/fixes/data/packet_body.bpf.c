#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int body(struct __sk_buff *skb)
{
	__u8 *at = (void *)(long)skb->data, *end = (void *)(long)skb->data_end;

	if (skb->mark)
		*at = 7;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
