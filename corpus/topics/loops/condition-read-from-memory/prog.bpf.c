#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char text[64];

SEC("socket")
int count(struct __sk_buff *skb)
{
	__u32 n = 0;

	while (n < sizeof(text) && text[n])
		n++;
	return n;
}

char LICENSE[] SEC("license") = "GPL";
