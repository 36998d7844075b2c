#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

static __noinline int sum_line(struct __sk_buff *skb)
{
	char line[200] = {};
	int i, sum = 0;

	bpf_skb_load_bytes(skb, 64, line, sizeof(line));
	for (i = 0; i < sizeof(line); i++)
		sum = sum * 31 + line[i];
	return sum;
}

static __noinline int sum_head(struct __sk_buff *skb)
{
	char head[64] = {};
	int sum = sum_line(skb);

	bpf_skb_load_bytes(skb, 0, head, sizeof(head));
	return head[sum & 63];
}

static __noinline int small(struct __sk_buff *skb)
{
	return skb->len & 7;
}

SEC("tc")
int sum_packet(struct __sk_buff *skb)
{
	char tail[64] = {};
	int sum = sum_head(skb) + small(skb);

	bpf_skb_load_bytes(skb, 0, tail, sizeof(tail));
	return tail[sum & 63] == sum;
}

char LICENSE[] SEC("license") = "GPL";
