#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, __u32);
	__type(value, __u64);
} packets SEC(".maps"); /* expect: map-create-failed */ /* cause: has no max_entries */

SEC("tc")
int count(struct __sk_buff *skb)
{
	__u32 key = skb->ifindex;
	__u64 *n = bpf_map_lookup_elem(&packets, &key);

	if (n)
		__sync_fetch_and_add(n, 1);
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
