#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int load(struct __sk_buff *skb)
{
	char bytes[4];

	bpf_skb_load_bytes(skb, 0, bytes, 4);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
