#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int reload_stepwise(struct __sk_buff *skb)
{
	void *data = (void *)(long)skb->data;
	void *data_end = (void *)(long)skb->data_end;
	__u8 *at = data;

	at += 14;
	if (at + 20 > (__u8 *)data_end)
		return 0;
	bpf_skb_change_tail(skb, 60, 0);
	return *at; /* no patch: the pointer was computed step by step */
}

char LICENSE[] SEC("license") = "GPL";
