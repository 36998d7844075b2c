/* Walks over type-length-value fields behind a UDP header. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include <bpf/bpf_helpers.h>

struct tlv {
	__u8 type, len;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 256);
	__type(key, __u32);
	__type(value, __u64);
} types SEC(".maps");

SEC("xdp")
int count_types(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 off = sizeof(struct ethhdr) + sizeof(struct iphdr) + sizeof(struct udphdr);
	int i;

	for (i = 0; i < 8; i++) {
		struct tlv *t = data + off;
		__u32 key;
		__u64 *count;

		if (off + sizeof(*t) > end - data)
			break;
		key = t->type;
		count = bpf_map_lookup_elem(&types, &key);
		if (count)
			(*count)++;
		off += 2 + t->len;
	}
	return XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
