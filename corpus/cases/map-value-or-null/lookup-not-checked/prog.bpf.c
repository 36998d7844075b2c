#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, __u64);
} packets SEC(".maps");

SEC("tc")
int count(struct __sk_buff *skb)
{
	__u32 key = skb->ifindex;
	__u64 *n = bpf_map_lookup_elem(&packets, &key);

	*n += 1; /* expect: map-value-or-null */ /* cause: never compared with NULL */
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
