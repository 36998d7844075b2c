#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int copy(struct __sk_buff *skb)
{
	__u32 size = skb->len & 63;
	char buf[size + 1]; /* expect: unsupported-construct */ /* cause: a size known at run time only */

	bpf_skb_load_bytes(skb, 0, buf, size + 1);
	return buf[0];
}

char LICENSE[] SEC("license") = "GPL";
