/* Offset and length are each limited, and so is their sum; the verifier keeps the limits of each only. */
#define SIZE 2000
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, char[SIZE]);
} buffers SEC(".maps");

SEC("tc")
int fill(struct __sk_buff *skb)
{
	__u32 key = 0;
	char *buffer = bpf_map_lookup_elem(&buffers, &key);
	__u64 at = skb->mark & 2047, length = skb->priority & 2047;

	if (!buffer || at >= SIZE || length > SIZE || at + length > SIZE)
		return 0;
	return bpf_csum_diff((void *)(buffer + at), length, 0, 0, 0);
}

char LICENSE[] SEC("license") = "GPL";
