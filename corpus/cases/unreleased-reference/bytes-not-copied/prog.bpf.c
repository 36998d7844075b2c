#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct sample {
	__u32 ifindex;
	__u32 length;
	__u8 bytes[64];
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 16);
} samples SEC(".maps");

SEC("tc")
int sample(struct __sk_buff *skb)
{
	struct sample *sample;
	__u32 length = skb->len;
	int action = TC_ACT_OK;

	if (skb->protocol != bpf_htons(ETH_P_IP))
		return TC_ACT_OK;
	if (skb->mark == 7)
		action = TC_ACT_SHOT;
	if (length > sizeof(sample->bytes))
		length = sizeof(sample->bytes);
	if (!length)
		return action;
	sample = bpf_ringbuf_reserve(&samples, sizeof(*sample), 0); /* cause: kept when nothing is copied */
	if (!sample)
		return action;
	sample->ifindex = skb->ifindex;
	sample->length = length;
	if (bpf_skb_load_bytes(skb, 0, sample->bytes, length))
		return action;
	bpf_ringbuf_submit(sample, 0);
	return action;
} /* expect: unreleased-reference */

char LICENSE[] SEC("license") = "GPL";
