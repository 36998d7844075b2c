#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64[16]); /* eight bytes each, so every element is aligned */
} scratch SEC(".maps");

SEC("tc")
int stamp(struct __sk_buff *skb)
{
	__u32 key = 0;
	__u64 *buf = bpf_map_lookup_elem(&scratch, &key);

	if (!buf)
		return 0;
	buf[0] = bpf_ktime_get_ns();
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
