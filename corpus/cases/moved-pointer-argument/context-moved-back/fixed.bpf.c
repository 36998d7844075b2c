#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int first_byte(struct __sk_buff *skb)
{
	void *at = (void *)skb - 8;
	char byte = 0;

	asm volatile("" : "+r"(at));
	bpf_skb_load_bytes(skb, 0, &byte, 1);
	return byte;
}

char LICENSE[] SEC("license") = "GPL";
