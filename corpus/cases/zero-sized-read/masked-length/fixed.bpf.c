#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct head {
	char bytes[32];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct head);
} heads SEC(".maps");

SEC("tc")
int copy_head(struct __sk_buff *skb)
{
	struct head head = {};
	__u32 zero = 0;
	__u64 len = skb->len & 31;

	if (len == 0)
		return 0;
	bpf_skb_load_bytes(skb, 0, &head, len);
	bpf_map_update_elem(&heads, &zero, &head, BPF_ANY);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
