#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, char[16]);
} digests SEC(".maps");

SEC("tc")
int digest(struct __sk_buff *skb)
{
	char sum[16] = {};
	__u32 key = 0, at = skb->len & 31;

	sum[at] = skb->hash; /* expect: stack-bounds */ /* cause: up to 31, of 16 */
	bpf_map_update_elem(&digests, &key, sum, BPF_ANY);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
