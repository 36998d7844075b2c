#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__uint(key_size, 8);
	__type(key, __u32);
	__type(value, __u64);
} flows SEC(".maps"); /* expect: map-definition-wrong */ /* cause: 8 bytes, and a type of 4 */

SEC("tc")
int look(struct __sk_buff *skb)
{
	__u32 key = 0;

	return bpf_map_lookup_elem(&flows, &key) != 0;
}

char LICENSE[] SEC("license") = "GPL";
