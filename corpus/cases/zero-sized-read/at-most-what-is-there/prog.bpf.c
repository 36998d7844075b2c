#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <bpf/bpf_helpers.h>

#define HEADERS 54 /* Ethernet, IPv4, TCP */
#define MOST 64

struct payload {
	__u32 length;
	char bytes[MOST];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct payload);
} payloads SEC(".maps");

SEC("tc")
int keep_payload(struct __sk_buff *skb)
{
	__u32 zero = 0;
	struct payload *payload = bpf_map_lookup_elem(&payloads, &zero);
	__u16 length = skb->len;

	if (!payload || length < HEADERS)
		return TC_ACT_OK;
	length -= HEADERS;
	if (length > MOST)
		length = MOST;
	if (bpf_skb_load_bytes(skb, HEADERS, payload->bytes, length)) /* expect: zero-sized-read */ /* cause: never compared with 0 */
		return TC_ACT_OK;
	payload->length = length;
	return TC_ACT_OK;
}

char LICENSE[] SEC("license") = "GPL";
