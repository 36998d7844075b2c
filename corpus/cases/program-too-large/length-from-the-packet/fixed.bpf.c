#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int sum_bytes(struct __sk_buff *skb)
{
	__u32 i, sum = 0, n = skb->len;

	for (i = 0; i < n && i < 256; i++) {
		__u8 c = 0;

		bpf_skb_load_bytes(skb, i, &c, 1);
		sum += c;
	}
	return sum & 1;
}

char LICENSE[] SEC("license") = "GPL";
