/* Loads the last bytes of a packet, up to 64. */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, char[64]);
} copies SEC(".maps");

SEC("tc")
int copy_end(struct __sk_buff *skb)
{
	__u32 zero = 0, len = skb->len, n;
	char *copy = bpf_map_lookup_elem(&copies, &zero);

	if (!copy)
		return TC_ACT_OK;
	n = len < 64 ? len : 64;
	if (n == 0)
		return TC_ACT_OK;
	bpf_skb_load_bytes(skb, len - n, copy, n);
	return TC_ACT_OK;
}

char LICENSE[] SEC("license") = "GPL";
