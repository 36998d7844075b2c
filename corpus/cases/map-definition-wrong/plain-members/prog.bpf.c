#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	int type;
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, __u64);
} flows SEC(".maps"); /* expect: map-definition-wrong */ /* cause: an int, not the macro */

SEC("tc")
int look(struct __sk_buff *skb)
{
	__u32 key = 0;

	return bpf_map_lookup_elem(&flows, &key) != 0;
}

char LICENSE[] SEC("license") = "GPL";
