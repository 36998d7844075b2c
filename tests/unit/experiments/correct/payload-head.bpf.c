/* Copies the first bytes after the headers of a packet. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, char[128]);
} copies SEC(".maps");

SEC("tc")
int copy_head(struct __sk_buff *skb)
{
	__u32 zero = 0, off = ETH_HLEN + 28, len;
	char *copy = bpf_map_lookup_elem(&copies, &zero);

	if (!copy || skb->len <= off)
		return TC_ACT_OK;
	len = skb->len - off;
	if (len > 128)
		len = 128;
	bpf_skb_load_bytes(skb, off, copy, len);
	return TC_ACT_OK;
}

char LICENSE[] SEC("license") = "GPL";
