#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64);
} counters SEC(".maps");

SEC("tc")
int total(struct __sk_buff *skb)
{
	__u64 sum = 0, *value;
	int i;

	for (i = 0; i < 4; i++) {
		__u32 key = i;

		value = bpf_map_lookup_elem(&counters, &key);
		if (value)
			sum += *value;
	}
	return sum & 1;
}

char LICENSE[] SEC("license") = "GPL";
